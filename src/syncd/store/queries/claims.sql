-- One job by its key, in a person's hand for a moment.

-- name: take
-- For a decision about one key, whatever its job waits for; not while it is worked on or unknown.
UPDATE jobs SET state = 'leased', claimed_seq = wanted_seq, leased_by = ?4, leased_until = ?5
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND state NOT IN ('leased', 'uncertain')
RETURNING
    ?1, kind, key, claimed_seq, attempt, first_wanted_at, told_as, 0;

-- name: give_back
-- As it was before `take` took it, unless something newer was wanted meanwhile.
UPDATE jobs SET
    state = iif(wanted_seq = ?5, ?6, 'ready'),
    ready_at = iif(wanted_seq = ?5, ready_at, ?7),
    leased_by = NULL,
    leased_until = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND leased_by = ?4 AND claimed_seq = ?5;
