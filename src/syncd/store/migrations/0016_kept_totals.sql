-- Counts and listings that never walk the queue.

-- What people see of a job, derived in one place. A held job that is looked at again keeps its
-- reason until it settles, so that its state does not flicker with every recheck.
DROP VIEW public_jobs;

ALTER TABLE jobs ADD COLUMN public_state TEXT GENERATED ALWAYS AS (
    CASE
        WHEN state = 'uncertain' THEN 'uncertain'
        WHEN state = 'failed' THEN 'failed'
        WHEN state = 'done' THEN iif(is_voided = 1, 'voided', 'synced')
        WHEN is_out_of_sync = 1 THEN 'out_of_sync'
        WHEN reason IS NOT NULL THEN 'waiting'
        ELSE 'pending'
    END
) VIRTUAL;

-- What is neither on its way nor as it should be is rare, and found and counted by its index alone.
ALTER TABLE jobs ADD COLUMN is_exceptional INTEGER GENERATED ALWAYS AS (
    reason IS NOT NULL OR is_out_of_sync = 1 OR is_voided = 1 OR state IN ('uncertain', 'failed')
) VIRTUAL;

CREATE INDEX jobs_exceptional ON jobs (tenant_id, kind, public_state, reason)
WHERE is_exceptional = 1;

-- The oldest of what waits for its turn or the other side alone, and of what is held.
CREATE INDEX jobs_ready_since ON jobs (tenant_id, kind, first_wanted_at)
WHERE state = 'ready' AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'));
CREATE INDEX jobs_held_since ON jobs (tenant_id, kind, first_wanted_at) WHERE state = 'held';

-- Contacts that were merged away are few, and nothing else leads to them.
CREATE INDEX links_merged ON links (tenant_id, kind, merged_to) WHERE merged_to IS NOT NULL;

-- What people see of an invoice or a customer; what was never queued is not among it.
CREATE VIEW objects AS
SELECT
    desired.tenant_id, desired.kind,
    desired.key, desired.label, desired.version, desired.is_withdrawn, desired.changed_at,
    desired.changed_by, desired.problem,
    jobs.public_state, jobs.reason, jobs.note, jobs.attempt, jobs.ready_at, jobs.first_wanted_at,
    jobs.settled_at,
    links.xero_id, links.xero_status, links.xero_number, links.synced_version, links.seen_at,
    details.body
FROM desired
CROSS JOIN jobs
    ON jobs.tenant_id = desired.tenant_id AND jobs.key = desired.key
    AND jobs.kind = 'push_' || desired.kind
LEFT JOIN links
    ON links.tenant_id = desired.tenant_id AND links.kind = desired.kind
    AND links.key = desired.key
LEFT JOIN details
    ON details.tenant_id = desired.tenant_id AND details.key = desired.key
    AND details.kind = jobs.kind;

-- How many jobs there are in all, kept by a trigger. Jobs are never deleted, and what is not done
-- is counted by the indexes that hold nothing else: so finished work is never read to count it.
CREATE TABLE job_totals (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO job_totals (tenant_id, kind, jobs)
SELECT tenant_id, kind, count(*) FROM jobs GROUP BY tenant_id, kind;

CREATE TRIGGER jobs_insert AFTER INSERT ON jobs BEGIN
    INSERT INTO job_totals (tenant_id, kind, jobs) VALUES (new.tenant_id, new.kind, 1)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET jobs = jobs + 1;
END;
