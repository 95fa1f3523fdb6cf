-- How far each tenant's feed of Pipeline was read.

-- name: get
SELECT cursor, moved_at, began_again_at, is_behind_restore FROM feeds
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: move
INSERT INTO feeds (tenant_id, cursor, moved_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id) DO UPDATE SET cursor = excluded.cursor, moved_at = excluded.moved_at;

-- name: begin_again
UPDATE feeds SET cursor = NULL, moved_at = NULL, began_again_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: at_end
UPDATE feeds SET is_behind_restore = 0
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);
