-- What each tenant's Xero organisation allows, as last read.

-- name: get
-- The column says when it was read by the clock as it is now; the body, by the clock of then.
SELECT body, read_at FROM settings WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: undoubted
-- Unless a person has doubted them since.
SELECT body, read_at FROM settings
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND coalesce(doubted_at, read_at) <= read_at;

-- name: doubt
UPDATE settings SET doubted_at = ?2 WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: put
INSERT INTO settings (tenant_id, body, read_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id) DO UPDATE SET body = excluded.body, read_at = excluded.read_at
WHERE excluded.read_at >= settings.read_at;
