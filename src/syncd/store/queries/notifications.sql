-- Concerns, and the messages about them that are under way. Both are few.

-- name: known
SELECT kind, nullif(tenant, ''), text, since, told_at, gone_at FROM concerns;

-- name: keep
INSERT INTO concerns (kind, tenant, text, since, told_at, gone_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (kind, tenant) DO UPDATE SET
    text = excluded.text, since = excluded.since, told_at = excluded.told_at,
    gone_at = excluded.gone_at;

-- name: forget
DELETE FROM concerns WHERE kind = ?1 AND tenant = ?2;

-- name: send
INSERT INTO notifications (way, body, made_at, ready_at) VALUES (?1, ?2, ?3, ?3);

-- name: waiting
SELECT id, way, body, attempt, made_at, ready_at FROM notifications
WHERE way = ?1
ORDER BY id
LIMIT ?2;

-- name: under_way
SELECT count(*), min(made_at) FROM notifications;

-- name: again
UPDATE notifications SET attempt = ?2, ready_at = ?3 WHERE id = ?1;

-- name: ended
DELETE FROM notifications WHERE id = ?1;

-- name: withheld
-- Invoices held until a plan carries them out, or somebody says so.
SELECT count(*) FROM jobs INDEXED BY jobs_exceptional
WHERE is_exceptional = 1 AND tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND kind = 'push_invoice' AND public_state = 'waiting' AND reason = 'observing';
