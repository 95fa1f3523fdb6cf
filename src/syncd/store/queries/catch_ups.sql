-- How far a reconnected tenant has read what moved in Xero while it was away.

-- name: get
SELECT step, moved_at FROM catch_ups
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: begin
INSERT INTO catch_ups (tenant_id, step, moved_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id) DO UPDATE SET step = excluded.step, moved_at = excluded.moved_at;

-- name: go_on
-- Only where no other reconnection began it anew since it was read.
UPDATE catch_ups SET step = ?4, moved_at = ?5
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND step = ?2 AND moved_at = ?3;

-- name: end
DELETE FROM catch_ups
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND step = ?2 AND moved_at = ?3;
