-- Tenants that were added while the daemon ran, and what they were added with.

-- name: all
SELECT tenants.name, added_tenants.choices, sealed_secrets FROM added_tenants
JOIN tenants ON tenants.id = tenant_id
ORDER BY tenants.name;

-- name: put
INSERT INTO added_tenants (tenant_id, choices, sealed_secrets)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id) DO UPDATE SET
    choices = excluded.choices, sealed_secrets = excluded.sealed_secrets;

-- name: forget
DELETE FROM added_tenants WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: resealed
UPDATE added_tenants SET sealed_secrets = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);
