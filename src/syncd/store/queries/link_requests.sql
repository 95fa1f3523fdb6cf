-- Which contact a person wants for a customer.

-- name: get
SELECT body FROM link_requests
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND key = ?2;

-- name: put
INSERT INTO link_requests (tenant_id, key, body)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id, key) DO UPDATE SET body = excluded.body;

-- name: forget
DELETE FROM link_requests
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND key = ?2;
