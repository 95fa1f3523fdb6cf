-- The audit trail: append-only.

-- name: append
INSERT INTO journal (
    tenant_id, at, object_type, object_key, record_type, description, who, detail
)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: of_object
SELECT
    seq, (SELECT name FROM tenants WHERE id = tenant_id), at, object_type, object_key, record_type,
    description, who, detail
FROM journal
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND object_type = ?2
    AND object_key = ?3 AND seq < ?4
ORDER BY seq DESC
LIMIT ?5;

-- name: since
SELECT
    seq, (SELECT name FROM tenants WHERE id = tenant_id), at, object_type, object_key, record_type,
    description, who, detail
FROM journal
WHERE seq > ?1
ORDER BY seq
LIMIT ?2;
