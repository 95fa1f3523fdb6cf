-- The tenants this store serves, and each one's switch.

-- name: ensure
INSERT INTO tenants (name) VALUES (?1) ON CONFLICT (name) DO NOTHING;

-- name: one
SELECT
    name, mode, is_paused, EXISTS (SELECT 1 FROM brakes WHERE tenant_id = tenants.id),
    started_by IS NOT NULL, choices, start_date
FROM tenants
WHERE name = ?1;

-- name: may_write
-- Changes nothing; with `must_change` it ends a transaction that would open a write now.
UPDATE tenants SET is_paused = 0
WHERE name = ?1 AND is_paused = 0 AND mode = 'live'
    AND NOT EXISTS (SELECT 1 FROM brakes WHERE brakes.tenant_id = tenants.id)
    AND NOT EXISTS (
        SELECT 1 FROM json_each(?3) AS asked
        WHERE (
            SELECT jobs.withheld_by FROM jobs
            WHERE jobs.tenant_id = tenants.id AND jobs.kind = ?2 AND jobs.key = asked.value
        ) IS NOT NULL
    );

-- name: set_mode
UPDATE tenants SET mode = ?2 WHERE name = ?1;

-- name: pause
UPDATE tenants SET is_paused = 1, paused_at = ?2, paused_by = ?3 WHERE name = ?1;

-- name: resume
UPDATE tenants SET is_paused = 0, paused_at = NULL, paused_by = NULL WHERE name = ?1;

-- name: set_started_by
UPDATE tenants SET started_by = ?2 WHERE name = ?1;

-- name: set_choices
UPDATE tenants SET choices = ?2 WHERE name = ?1;

-- name: set_start_date
UPDATE tenants SET start_date = ?2 WHERE name = ?1;
