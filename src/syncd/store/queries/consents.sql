-- Consents under way. Tickets and states are kept as digests: who reads the file cannot use them.

-- name: offer
INSERT INTO consents (ticket_digest, tenant_id, created_by, expires_at)
VALUES (?1, (SELECT id FROM tenants WHERE name = ?2), ?3, ?4);

-- name: offered
SELECT tenants.name, sealed_verifier FROM consents
JOIN tenants ON tenants.id = tenant_id
WHERE ticket_digest = ?1 AND used_at IS NULL AND expires_at > ?2;

-- name: open
UPDATE consents SET
    state_digest = ?2, sealed_verifier = ?3, opened_at = ?4, expires_at = coalesce(?5, expires_at)
WHERE ticket_digest = ?1 AND opened_at IS NULL AND expires_at > ?4
RETURNING (SELECT name FROM tenants WHERE id = tenant_id), created_by;

-- name: use
UPDATE consents SET used_at = ?2
WHERE state_digest = ?1 AND used_at IS NULL AND expires_at > ?2
RETURNING (SELECT name FROM tenants WHERE id = tenant_id), created_by, sealed_verifier;

-- name: cancel
UPDATE consents SET used_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND used_at IS NULL;

-- name: underway
-- Whose way through Xero this state belongs to, without taking it.
SELECT tenants.name, created_by FROM consents
JOIN tenants ON tenants.id = tenant_id
WHERE state_digest = ?1 AND used_at IS NULL AND expires_at > ?2;

-- name: failed
INSERT INTO failed_consents (tenant_id, problem, text, who, failed_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5)
ON CONFLICT (tenant_id) DO UPDATE SET
    problem = excluded.problem, text = excluded.text, who = excluded.who,
    failed_at = excluded.failed_at;

-- name: failure
SELECT problem, text, who, failed_at FROM failed_consents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: succeeded
DELETE FROM failed_consents WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);
