-- Plans by their hash and reports by their digest: the newest of each tenant.

-- name: put_plan
-- One that was made again is the newest.
INSERT INTO kept_plans (tenant_id, name, made_at, made_by, body)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5)
ON CONFLICT (tenant_id, name) DO UPDATE SET
    id = excluded.id,
    made_at = excluded.made_at,
    made_by = excluded.made_by,
    body = excluded.body,
    outcomes = NULL;

-- name: forget_plans
DELETE FROM kept_plans
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND id <= (
    SELECT id FROM kept_plans
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    ORDER BY id DESC
    LIMIT 1 OFFSET ?2
);

-- name: plan
SELECT body FROM kept_plans
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2;

-- name: plans
SELECT
    kept.name, kept.made_at, kept.made_by, applied.applied_at, NULL, NULL, NULL
FROM kept_plans AS kept
LEFT JOIN applied_plans AS applied
    ON applied.tenant_id = kept.tenant_id AND applied.hash = kept.name
WHERE kept.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
ORDER BY kept.id DESC
LIMIT ?2;

-- name: note_outcomes
UPDATE kept_plans SET outcomes = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2;

-- name: outcomes
SELECT outcomes FROM kept_plans
WHERE
    tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2
    AND outcomes IS NOT NULL;

-- name: put_report
INSERT INTO kept_reports (tenant_id, name, made_at, made_by, ties_out, body)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (tenant_id, name) DO UPDATE SET
    id = excluded.id,
    made_at = excluded.made_at,
    made_by = excluded.made_by,
    ties_out = excluded.ties_out,
    reviewed_at = NULL,
    reviewed_by = NULL,
    body = excluded.body;

-- name: forget_reports
DELETE FROM kept_reports
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND id <= (
    SELECT id FROM kept_reports
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    ORDER BY id DESC
    LIMIT 1 OFFSET ?2
);

-- name: report
SELECT body FROM kept_reports
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2;

-- name: reports
SELECT name, made_at, made_by, NULL, ties_out, reviewed_at, reviewed_by FROM kept_reports
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
ORDER BY id DESC
LIMIT ?2;

-- name: review
UPDATE kept_reports SET reviewed_at = ?3, reviewed_by = ?4
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND name = ?2
RETURNING ties_out;
