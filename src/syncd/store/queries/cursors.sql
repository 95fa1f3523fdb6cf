-- How far each reader of a feed or sweep has come.

-- name: get
SELECT value, moved_at FROM cursors
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2;

-- name: move
INSERT INTO cursors (tenant_id, name, value, moved_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4)
ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value, moved_at = excluded.moved_at;

-- name: replace
-- Only where nobody has moved it since it was read.
UPDATE cursors SET value = ?5, moved_at = ?6
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2
    AND value = ?3 AND moved_at = ?4;

-- name: forget
DELETE FROM cursors WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2;

-- name: forget_known
DELETE FROM cursors
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2
    AND value = ?3 AND moved_at = ?4;
