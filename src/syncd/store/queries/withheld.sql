-- Changes that a plan left out when it set its tenant live.

-- name: carried_out
UPDATE jobs SET carried_by = ?4, withheld_by = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3));

-- name: moved_since
UPDATE jobs SET carried_by = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3));

-- name: withhold
-- Whatever would be written now, or once the reason for which it is held is gone; but for what waits
-- as the plan said of it (?3), which then goes by itself.
UPDATE jobs SET withheld_by = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND state IN ('ready', 'leased', 'held')
    AND carried_by IS DISTINCT FROM ?2
    AND key NOT IN (SELECT value FROM json_each(?3))
RETURNING kind, key;

-- name: let_go
UPDATE jobs SET withheld_by = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3));

-- name: let_go_with_customer
-- An invoice, and its customer, without whose contact it cannot go.
UPDATE jobs SET
    withheld_by = NULL,
    state = iif(state = 'held' AND reason = 'observing', 'ready', state),
    ready_at = iif(state = 'held' AND reason = 'observing', ?3, ready_at)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND withheld_by IS NOT NULL
    AND (kind, key) IN (
        SELECT 'push_invoice', ?2
        UNION ALL
        SELECT 'push_customer', parent FROM desired
        WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
            AND desired.kind = 'invoice' AND desired.key = ?2
    );

-- name: let_go_all
UPDATE jobs SET withheld_by = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND withheld_by IS NOT NULL
RETURNING kind, key;
