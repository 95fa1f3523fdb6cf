-- Brakes: the halt itself, and the documents that were let pass, are halted or were released.

-- name: get
SELECT
    (SELECT name FROM tenants WHERE id = tenant_id), kind, text, halted_at,
    (SELECT count(*) FROM jobs
        WHERE jobs.tenant_id = brakes.tenant_id AND state = 'held' AND reason = 'brake_halted')
FROM brakes
WHERE CAST(?1 AS TEXT) IS NULL OR tenant_id = (SELECT id FROM tenants WHERE name = ?1)
ORDER BY 1;

-- name: current_halt
SELECT kind, text FROM brakes WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: halt
INSERT INTO brakes (tenant_id, kind, text, halted_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4)
ON CONFLICT (tenant_id) DO NOTHING;

-- name: lift
DELETE FROM brakes WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: of_keys
-- What passed before ?3 counts no more.
SELECT key, version, step, label, xero_id, currency, cents, state
FROM brake_documents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND key IN (SELECT value FROM json_each(?2)) AND (state <> 'passed' OR at >= ?3)
ORDER BY key, version, step;

-- name: halted
SELECT key, version, step, label, xero_id, currency, cents, state
FROM brake_documents INDEXED BY brake_documents_by_state
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'halted'
ORDER BY label, key, version, step;

-- name: totals
-- Of one state, from an instant on.
SELECT step, currency, cents > 0, count(*), CAST(sum(cents) AS INTEGER)
FROM brake_documents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = ?2 AND at >= ?3
GROUP BY step, currency, cents > 0
ORDER BY step, currency, cents > 0;

-- name: put
INSERT INTO brake_documents (
    tenant_id, key, version, step, label, xero_id, currency, cents, state, at
)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (tenant_id, key, version, step) DO UPDATE SET
    label = excluded.label,
    xero_id = excluded.xero_id,
    currency = excluded.currency,
    cents = excluded.cents,
    state = excluded.state,
    at = excluded.at;

-- name: forget_halted
DELETE FROM brake_documents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'halted'
    AND key IN (SELECT value FROM json_each(?2));

-- name: forget_all_halted
DELETE FROM brake_documents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'halted';

-- name: forget_older
DELETE FROM brake_documents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = ?2 AND at < ?3;

-- name: documents_in_xero
-- Linked invoices that stand in Xero, counted up to ?2: more is not asked.
SELECT count(*) FROM (
    SELECT 1 FROM links
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice'
        AND xero_status NOT IN ('VOIDED', 'DELETED')
    LIMIT ?2
) AS counted;

-- name: lift_if_clear
-- Nothing is left of what was halted.
DELETE FROM brakes
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND NOT EXISTS (
        SELECT 1 FROM brake_documents
        WHERE brake_documents.tenant_id = brakes.tenant_id AND state = 'halted'
    )
RETURNING kind, text;
