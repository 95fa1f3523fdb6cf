-- Write calls to Xero, on paper before their first byte leaves.

-- name: open
INSERT INTO calls (
    tenant_id, idempotency_key, operation, method, target, elements, body, opened_at,
    first_sent_at, last_sent_at
)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8)
RETURNING id;

-- name: get
SELECT
    id, (SELECT name FROM tenants WHERE tenants.id = tenant_id), idempotency_key, operation,
    method, target, elements, body, opened_at, first_sent_at, last_sent_at, sends
FROM calls
WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each(?1))
ORDER BY id;

-- name: resent
UPDATE calls SET sends = sends + 1, last_sent_at = max(last_sent_at, ?2)
WHERE id = ?1 AND closed_at IS NULL;

-- name: last_byte_left
UPDATE calls SET last_sent_at = max(last_sent_at, ?2) WHERE id = ?1;

-- name: close_ended
-- The bytes are only there to be sent again: nobody will, once every element's outcome is known.
UPDATE calls SET closed_at = ?2, body = NULL
WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each(?1)) AND closed_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM intents WHERE intents.call_id = calls.id AND intents.state = 'open'
    );
