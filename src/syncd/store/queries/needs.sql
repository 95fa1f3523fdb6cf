-- What waits for a person, by cause. Read from the index of what is not as it should be.

-- name: by_cause
-- The largest groups first.
SELECT kind, public_state, reason, cause, count(*) AS jobs, min(first_wanted_at)
FROM jobs INDEXED BY jobs_exceptional
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND is_exceptional = 1
    AND kind IN ('push_invoice', 'push_customer')
    AND public_state IN ('waiting', 'out_of_sync', 'failed')
    AND coalesce(reason, '') NOT IN ('rate_limited', 'breaker_open')
GROUP BY kind, public_state, reason, cause
ORDER BY jobs DESC, kind, public_state, reason NULLS FIRST, cause NULLS FIRST
LIMIT ?2;

-- name: oldest
-- The one that has waited longest in each of these groups: ?2 is a JSON list of lists of kind, state,
-- reason and cause.
SELECT groups.key, jobs.key, desired.label, jobs.note
FROM json_each(?2) AS groups
CROSS JOIN jobs
LEFT JOIN desired
    ON desired.tenant_id = jobs.tenant_id AND desired.kind = substr(jobs.kind, 6)
    AND desired.key = jobs.key
WHERE jobs.rowid = (
    SELECT oldest.rowid FROM jobs AS oldest INDEXED BY jobs_exceptional
    WHERE oldest.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND oldest.is_exceptional = 1
        AND oldest.kind = groups.value ->> 0 AND oldest.public_state = groups.value ->> 1
        AND oldest.reason IS NOT DISTINCT FROM groups.value ->> 2
        AND oldest.cause IS NOT DISTINCT FROM groups.value ->> 3
    ORDER BY oldest.first_wanted_at, oldest.key
    LIMIT 1
);

-- name: waiting_for
-- How many invoices wait for the contact of each of these customers: ?2 is a JSON list of causes.
SELECT cause, count(*)
FROM jobs INDEXED BY jobs_exceptional
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'push_invoice'
    AND is_exceptional = 1 AND public_state = 'waiting'
    AND reason IN ('contact_unmapped', 'contact_archived', 'contact_name_taken')
    AND cause IN (SELECT value FROM json_each(?2))
GROUP BY cause;
