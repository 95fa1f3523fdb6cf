-- One job by its key, in a person's hand for a moment.

-- name: take
-- For a decision about one key, whatever its job waits for; not while it is worked on or unknown,
-- nor with an open intent: what was sent is settled first, by a look.
UPDATE jobs SET
    state = 'leased',
    claimed_seq = wanted_seq,
    claimed_release = (SELECT coalesce(max(seq), 0) FROM releases),
    leased_by = ?4,
    leased_until = ?5
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND state NOT IN ('leased', 'uncertain')
    AND NOT EXISTS (
        SELECT 1 FROM intents
        WHERE intents.tenant_id = jobs.tenant_id AND intents.key = jobs.key
            AND intents.kind = iif(jobs.kind = 'push_invoice', 'invoice', 'customer')
            AND intents.state = 'open'
    )
RETURNING
    ?1, kind, key, attempt, first_wanted_at, told_as, 0, withheld_by, trail, reason,
    leased_until;

-- name: want_released
-- What it waits for was released while it was in the hand: that did not find it held.
UPDATE jobs SET wanted_seq = wanted_seq + 1
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND leased_by = ?4 AND leased_until = ?5 AND wanted_seq = claimed_seq AND ?6 IN ('held', 'failed')
    AND EXISTS (
        SELECT 1 FROM releases
        WHERE releases.tenant_id = jobs.tenant_id AND releases.seq > jobs.claimed_release
            AND releases.topic IN (
                SELECT predicate FROM predicates
                WHERE predicates.tenant_id = jobs.tenant_id AND predicates.kind = jobs.kind
                    AND predicates.key = jobs.key
                UNION ALL SELECT 'reason:' || jobs.reason
            )
    );

-- name: give_back
-- As it was before `take` took it, unless something newer was wanted meanwhile.
UPDATE jobs SET
    state = iif(wanted_seq = claimed_seq, ?6, 'ready'),
    ready_at = iif(wanted_seq = claimed_seq, ready_at, ?7),
    leased_by = NULL,
    leased_until = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND leased_by = ?4 AND leased_until = ?5;
