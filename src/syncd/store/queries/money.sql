-- What Xero last showed of an invoice's money, and what Pipeline is told of it.

-- name: records
SELECT
    asked.value, links.own_updated_at, sights.read_at, sights.updated_at, sights.amount_paid,
    sights.amount_credited, sights.amount_due, sights.fully_paid_on
FROM json_each(?2) AS asked
LEFT JOIN links ON links.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND links.kind = 'invoice' AND links.key = asked.value
LEFT JOIN sights ON sights.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND sights.key = asked.value
WHERE links.own_updated_at IS NOT NULL OR sights.key IS NOT NULL
ORDER BY asked.value;

-- name: record_reads
INSERT INTO sights (
    tenant_id, key, read_at, updated_at, amount_paid, amount_credited, amount_due, fully_paid_on
)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (tenant_id, key) DO UPDATE SET
    read_at = excluded.read_at,
    updated_at = excluded.updated_at,
    amount_paid = excluded.amount_paid,
    amount_credited = excluded.amount_credited,
    amount_due = excluded.amount_due,
    fully_paid_on = excluded.fully_paid_on
WHERE sights.read_at IS NULL OR sights.read_at <= excluded.read_at;

-- name: events_arrived
-- An own write has one event; a second one of the same instant is somebody else's.
UPDATE links SET own_updated_at = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice' AND key = ?2
    AND own_updated_at = ?3;

-- name: refresh
-- Only what was looked at is replaced: a settlement that came meanwhile makes the whole round anew.
UPDATE results SET
    content = ?3, wanted_seq = wanted_seq + 1, revision = max(revision + 1, ?5), ready_at = ?5,
    attempt = 0, note = NULL, is_doubted = 0
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice' AND key = ?2
    AND part = '' AND wanted_seq = ?4;
