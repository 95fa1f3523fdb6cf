-- Slow work that was ordered: a few rows a tenant.

-- name: begin
INSERT INTO long_works (tenant_id, kind, state, asked_by, began_at, result)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, 'running', ?3, ?4, ?5)
RETURNING id;

-- name: end
UPDATE long_works SET state = ?2, ended_at = ?3, result = COALESCE(?4, result), text = ?5
WHERE id = ?1 AND state = 'running';

-- name: interrupt
-- At start: whatever an earlier run had begun.
UPDATE long_works SET state = 'interrupted', ended_at = ?1 WHERE state = 'running';

-- name: forget
DELETE FROM long_works
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state <> 'running' AND id <= (
    SELECT id FROM long_works
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    ORDER BY id DESC
    LIMIT 1 OFFSET ?2
);

-- name: get
SELECT id, kind, state, asked_by, began_at, ended_at, result, text FROM long_works
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND id = ?2;

-- name: recent
SELECT id, kind, state, asked_by, began_at, ended_at, result, text FROM long_works
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
ORDER BY id DESC
LIMIT ?2;
