-- Listings newest first, and by cause.
CREATE INDEX desired_by_change ON desired (tenant_id, kind, changed_at, key);

DROP VIEW objects;

-- What people see of an invoice or a customer; what was never queued is not among it.
CREATE VIEW objects AS
SELECT
    desired.tenant_id, desired.kind,
    desired.key, desired.label, desired.version, desired.is_withdrawn, desired.changed_at,
    desired.changed_by, desired.problem,
    jobs.public_state, jobs.reason, jobs.cause, jobs.note, jobs.attempt, jobs.ready_at,
    jobs.first_wanted_at, jobs.settled_at,
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
