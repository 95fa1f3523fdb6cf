-- Plans that were carried out.

-- name: is_applied
SELECT EXISTS (
    SELECT 1 FROM applied_plans
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND hash = ?2
);

-- name: note
INSERT INTO applied_plans (tenant_id, hash, made_at, applied_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4)
ON CONFLICT (tenant_id, hash) DO UPDATE SET applied_at = excluded.applied_at;
