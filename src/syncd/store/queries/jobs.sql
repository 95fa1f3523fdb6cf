-- The queue. One row per (tenant, kind, key), for ever; the partial indexes keep each state cheap.

-- name: enqueue
-- A burst of edits rests until it is quiet (the later of both), but never longer than six rests
-- after the first wish; who wants it at once gets it at once. A lease or a probe under way only
-- learns that something newer is wanted.
INSERT INTO jobs (tenant_id, kind, key, state, wanted_seq, ready_at, first_wanted_at, trail)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, 'ready', 1, ?4, ?5, ?6)
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    wanted_seq = jobs.wanted_seq + 1,
    state = iif(jobs.state IN ('leased', 'uncertain'), jobs.state, 'ready'),
    ready_at = CASE
        WHEN jobs.state IN ('leased', 'uncertain') THEN jobs.ready_at
        WHEN jobs.state <> 'ready' THEN ?4
        WHEN ?4 <= ?5 THEN min(jobs.ready_at, ?4)
        ELSE max(?5, min(max(jobs.ready_at, ?4), jobs.first_wanted_at + 6 * (?4 - ?5)))
    END,
    first_wanted_at = iif(jobs.state IN ('done', 'failed'), ?5, jobs.first_wanted_at),
    trail = coalesce(?6, jobs.trail),
    attempt = 0,
    reason = NULL,
    cause = NULL,
    note = NULL,
    is_out_of_sync = 0,
    is_voided = 0;

-- name: claim
-- `claimed_release`: what is released from here on may not be in what its holder reads.
UPDATE jobs SET
    state = 'leased',
    claimed_seq = wanted_seq,
    claimed_release = (SELECT coalesce(max(seq), 0) FROM releases),
    leased_by = ?3,
    leased_until = ?5
WHERE rowid IN (
    SELECT rowid FROM jobs
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
        AND state = 'ready' AND ready_at <= ?4
    ORDER BY ready_at
    LIMIT ?6
)
RETURNING
    ?1, kind, key, attempt, first_wanted_at, told_as, 0, withheld_by, trail, reason,
    leased_until;

-- name: claim_uncertain
-- For the prober. What was claimed stays what was sent: a newer wish is looked at after the probe.
UPDATE jobs SET
    state = 'leased',
    claimed_release = (SELECT coalesce(max(seq), 0) FROM releases),
    leased_by = ?2,
    leased_until = ?4
WHERE rowid IN (
    SELECT rowid FROM jobs
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
        AND state = 'uncertain' AND ready_at <= ?3
    ORDER BY ready_at
    LIMIT ?5
)
RETURNING
    ?1, kind, key, attempt, first_wanted_at, told_as, 1, withheld_by, trail, reason,
    leased_until;

-- name: held_claims
-- ?3 is a JSON list of [kind, key, leased_until]: those that nobody has freed or claimed since.
SELECT jobs.kind, jobs.key
FROM json_each(?3) AS one
CROSS JOIN jobs
WHERE jobs.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND jobs.kind = one.value ->> 0 AND jobs.key = one.value ->> 1
    AND jobs.state = 'leased' AND jobs.leased_by = ?2
    AND jobs.leased_until = CAST(one.value ->> 2 AS INTEGER);

-- name: must_hold
-- Changes nothing; with `must_change` it ends a transaction for work that was claimed anew.
UPDATE tenants SET is_paused = is_paused
WHERE name = ?1
    AND NOT EXISTS (
        SELECT 1 FROM json_each(?3) AS one
        WHERE NOT EXISTS (
            SELECT 1 FROM jobs
            WHERE jobs.tenant_id = tenants.id
                AND jobs.kind = one.value ->> 0 AND jobs.key = one.value ->> 1
                AND jobs.state = 'leased' AND jobs.leased_by = ?2
                AND jobs.leased_until = CAST(one.value ->> 2 AS INTEGER)
        )
    );

-- name: forget_predicates
DELETE FROM predicates
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.tenant_id = predicates.tenant_id AND jobs.kind = ?2 AND jobs.key = ?3
            AND jobs.leased_by = ?4 AND jobs.leased_until = ?5
    );

-- name: want_released
-- What is to wait for one of these topics, and was claimed before that was released: its reads may
-- be from before the cause, and the release did not find it. It counts as wanted anew.
UPDATE jobs SET wanted_seq = wanted_seq + 1
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND leased_by = ?4 AND leased_until = ?5 AND wanted_seq = claimed_seq
    AND EXISTS (
        SELECT 1 FROM releases
        WHERE releases.tenant_id = jobs.tenant_id AND releases.seq > jobs.claimed_release
            AND releases.topic IN (SELECT value FROM json_each(?6))
    );

-- name: remember_predicate
INSERT INTO predicates (tenant_id, predicate, kind, key)
SELECT tenant_id, ?6, kind, key FROM jobs
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND leased_by = ?4 AND leased_until = ?5 AND wanted_seq = claimed_seq
ON CONFLICT DO NOTHING;

-- name: forget_detail
DELETE FROM details
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.tenant_id = details.tenant_id AND jobs.kind = ?2 AND jobs.key = ?3
            AND jobs.leased_by = ?4 AND jobs.leased_until = ?5
    );

-- name: remember_detail
INSERT INTO details (tenant_id, kind, key, body)
SELECT tenant_id, kind, key, ?6 FROM jobs
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND leased_by = ?4 AND leased_until = ?5
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET body = excluded.body;

-- name: settle
-- Ends the job when nothing newer is wanted. What is uncertain stays so: no newer wish may pass it.
UPDATE jobs SET
    state = ?6,
    ready_at = ?7,
    attempt = ?8,
    reason = ?9,
    cause = ?14,
    note = ?10,
    is_out_of_sync = ?11,
    is_voided = ?12,
    settled_at = ?13,
    told_as = CASE
        WHEN ?6 IN ('ready', 'uncertain') THEN told_as
        WHEN CAST(?11 AS INTEGER) = 1 THEN 'out_of_sync'
        ELSE ?9
    END,
    leased_by = NULL,
    leased_until = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND leased_by = ?4 AND leased_until = ?5
    AND (wanted_seq = claimed_seq OR ?6 = 'uncertain');

-- name: settle_again
-- Whatever `settle` left leased was wanted anew meanwhile: it goes round again at once. All of them
-- in one statement, for there is hardly ever any; so what is leased comes first. ?3 is a JSON list of
-- [tenant, kind, key, leased_until, state, reason, is_out_of_sync].
WITH ended AS (
    SELECT
        tenants.id AS tenant_id, one.value ->> 1 AS kind, one.value ->> 2 AS key,
        CAST(one.value ->> 3 AS INTEGER) AS leased_until, one.value ->> 4 AS state,
        one.value ->> 5 AS reason, CAST(one.value ->> 6 AS INTEGER) AS is_out_of_sync
    FROM json_each(?3) AS one
    INNER JOIN tenants ON tenants.name = one.value ->> 0
)

UPDATE jobs INDEXED BY jobs_leased SET
    state = 'ready',
    ready_at = ?2,
    attempt = 0,
    first_wanted_at = iif(ended.state IN ('done', 'failed'), ?2, first_wanted_at),
    reason = NULL,
    cause = NULL,
    note = NULL,
    is_out_of_sync = 0,
    is_voided = 0,
    settled_at = ?2,
    told_as = CASE
        WHEN ended.state IN ('ready', 'uncertain') THEN told_as
        WHEN ended.is_out_of_sync = 1 THEN 'out_of_sync'
        ELSE ended.reason
    END,
    leased_by = NULL,
    leased_until = NULL
FROM ended
WHERE jobs.state = 'leased' AND jobs.leased_by = ?1 AND jobs.wanted_seq > jobs.claimed_seq
    AND jobs.tenant_id = ended.tenant_id AND jobs.kind = ended.kind AND jobs.key = ended.key
    AND jobs.leased_until = ended.leased_until;

-- name: note_releases
-- For what is leased now, and may be settled on reads from before this. ?2 is a JSON list of topics.
-- One that was released before gets a new number.
INSERT INTO releases (tenant_id, topic)
SELECT tenants.id, topics.value FROM tenants, json_each(?2) AS topics
WHERE name = ?1
    AND EXISTS (
        SELECT 1 FROM jobs INDEXED BY jobs_leased
        WHERE jobs.state = 'leased' AND jobs.tenant_id = tenants.id
    )
ON CONFLICT (tenant_id, topic) DO UPDATE SET seq = excluded.seq;

-- name: forget_releases
-- Those from before every claim that is still leased.
DELETE FROM releases
WHERE seq <= (
    SELECT coalesce(min(claimed_release), (SELECT max(seq) FROM releases))
    FROM jobs INDEXED BY jobs_leased
    WHERE state = 'leased'
);

-- name: release_by_predicates
-- ?2 is a JSON list of topics.
UPDATE jobs SET state = 'ready', ready_at = ?3, attempt = 0
WHERE state = 'held' AND rowid IN (
    SELECT jobs.rowid FROM predicates
    JOIN jobs USING (tenant_id, kind, key)
    WHERE predicates.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
        AND predicates.predicate IN (SELECT value FROM json_each(?2))
)
RETURNING ?1, kind, key, state;

-- name: release_by_reason
UPDATE jobs SET state = 'ready', ready_at = ?3, attempt = 0
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND kind IN ('push_invoice', 'push_customer') AND is_exceptional = 1
    AND public_state IN ('waiting', 'out_of_sync', 'failed')
    AND state IN ('held', 'failed') AND reason = ?2
RETURNING ?1, kind, key, state;

-- name: due_at_once
-- Ready work that was put off (it has a note; a draft at rest has none) need not wait any longer.
UPDATE jobs SET ready_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND state = 'ready' AND ready_at > ?2 AND note IS NOT NULL;

-- name: release_customers
-- ?2 is a JSON list of reasons.
UPDATE jobs SET state = 'ready', ready_at = ?3, attempt = 0
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'push_customer'
    AND is_exceptional = 1 AND public_state IN ('waiting', 'out_of_sync', 'failed')
    AND state IN ('held', 'failed') AND reason IN (SELECT value FROM json_each(?2))
RETURNING ?1, kind, key, state;

-- name: waiting_since
SELECT max(jobs.first_wanted_at) FROM predicates
JOIN jobs USING (tenant_id, kind, key)
WHERE predicates.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND predicates.predicate = ?2 AND jobs.state = 'held';

-- name: release_due
UPDATE jobs SET state = 'ready', attempt = 0
WHERE rowid IN (
    SELECT rowid FROM jobs
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
        AND state = 'held' AND ready_at <= ?2
    ORDER BY ready_at
    LIMIT ?3
)
RETURNING ?1, kind, key, state;

-- name: free_leases
-- With an open intent something may have been sent: only a look can say.
UPDATE jobs SET
    state = CASE
        WHEN EXISTS (
            SELECT 1 FROM intents
            WHERE intents.tenant_id = jobs.tenant_id AND intents.key = jobs.key
                AND intents.kind = iif(jobs.kind = 'push_invoice', 'invoice', 'customer')
                AND intents.state = 'open'
        ) THEN 'uncertain'
        ELSE 'ready'
    END,
    ready_at = ?2,
    leased_by = NULL,
    leased_until = NULL
WHERE state = 'leased' AND leased_by <> ?1
RETURNING (SELECT name FROM tenants WHERE id = tenant_id), kind, key, state;

-- name: rescue_leases
UPDATE jobs SET
    state = CASE
        WHEN EXISTS (
            SELECT 1 FROM intents
            WHERE intents.tenant_id = jobs.tenant_id AND intents.key = jobs.key
                AND intents.kind = iif(jobs.kind = 'push_invoice', 'invoice', 'customer')
                AND intents.state = 'open'
        ) THEN 'uncertain'
        ELSE 'ready'
    END,
    ready_at = ?1,
    leased_by = NULL,
    leased_until = NULL
WHERE state = 'leased' AND leased_until < ?1
RETURNING (SELECT name FROM tenants WHERE id = tenant_id), kind, key, state;

-- name: next_due
WITH tenant AS (SELECT id, is_paused FROM tenants WHERE name = ?1)
SELECT
    (SELECT min(ready_at) FROM jobs
        WHERE tenant_id = tenant.id AND kind = 'push_invoice' AND state = 'ready'),
    (SELECT min(ready_at) FROM jobs
        WHERE tenant_id = tenant.id AND kind = 'push_customer' AND state = 'ready'),
    (SELECT min(ready_at) FROM jobs WHERE tenant_id = tenant.id AND state = 'held'),
    (SELECT min(ready_at) FROM jobs WHERE tenant_id = tenant.id AND state = 'uncertain'),
    tenant.is_paused,
    EXISTS (SELECT 1 FROM brakes WHERE tenant_id = tenant.id),
    EXISTS (SELECT 1 FROM feeds WHERE tenant_id = tenant.id AND is_behind_restore = 1)
FROM tenant;

-- name: totals
-- What is done is what remains of all: only indexes of what is not are read. The oldest going leaves
-- out held work that is looked at again, which keeps its reason until it settles; whatever waits
-- for the other side alone has none, or one of those two.
SELECT
    total.kind, total.jobs,
    (SELECT count(*) FROM jobs INDEXED BY jobs_ready
        WHERE tenant_id = tenants.id AND kind = total.kind AND state = 'ready'),
    (SELECT count(*) FROM jobs INDEXED BY jobs_leased
        WHERE tenant_id = tenants.id AND kind = total.kind AND state = 'leased'),
    (SELECT count(*) FROM jobs INDEXED BY jobs_held_since
        WHERE tenant_id = tenants.id AND kind = total.kind AND state = 'held'),
    coalesce(exceptional.waiting, 0), coalesce(exceptional.out_of_sync, 0),
    coalesce(exceptional.uncertain, 0), coalesce(exceptional.failed, 0),
    coalesce(exceptional.voided, 0),
    (SELECT min(first_wanted_at) FROM jobs
        WHERE tenant_id = tenants.id AND kind = total.kind AND state = 'ready'
            AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'))),
    (SELECT min(first_wanted_at) FROM jobs INDEXED BY jobs_leased
        WHERE tenant_id = tenants.id AND kind = total.kind AND state = 'leased'
            AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'))),
    (SELECT min(first_wanted_at) FROM jobs INDEXED BY jobs_uncertain
        WHERE tenant_id = tenants.id AND kind = total.kind AND state = 'uncertain'
            AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'))),
    (SELECT min(first_wanted_at) FROM jobs
        WHERE tenant_id = tenants.id AND kind = total.kind AND state = 'held')
FROM tenants
JOIN job_totals AS total ON total.tenant_id = tenants.id
LEFT JOIN (
    SELECT
        tenant_id, kind,
        count(*) FILTER (WHERE public_state = 'waiting') AS waiting,
        count(*) FILTER (WHERE public_state = 'out_of_sync') AS out_of_sync,
        count(*) FILTER (WHERE public_state = 'uncertain') AS uncertain,
        count(*) FILTER (WHERE public_state = 'failed') AS failed,
        count(*) FILTER (WHERE public_state = 'voided') AS voided
    FROM jobs INDEXED BY jobs_exceptional
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND is_exceptional = 1
    GROUP BY tenant_id, kind
) AS exceptional ON exceptional.tenant_id = total.tenant_id AND exceptional.kind = total.kind
WHERE tenants.name = ?1
ORDER BY total.kind;

-- name: get
SELECT kind, key, state, wanted_seq, claimed_seq, attempt, ready_at, first_wanted_at, reason, note
FROM jobs
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3))
ORDER BY key;
