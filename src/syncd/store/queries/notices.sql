-- What webhooks brought and what they missed, for people. Read-only but for the misses' own list.

-- name: newest
-- ?2 is the place of the page before, ?3 a source, ?4 what became of it (or `new`): of the newest
-- notices alone, so that a rare one is not looked for in all there are.
WITH of_xero AS (
    SELECT id, verdict FROM inbox INDEXED BY inbox_by_tenant
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND source = 'xero'
        AND id < ?2 AND received_at > 0 AND coalesce(?3, 'xero') = 'xero'
    ORDER BY id DESC
    LIMIT iif(CAST(?4 AS TEXT) IS NULL, ?5, 5000)
),

of_pipeline AS (
    SELECT id, verdict FROM inbox INDEXED BY inbox_by_tenant
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND source = 'pipeline'
        AND id < ?2 AND received_at > 0 AND coalesce(?3, 'pipeline') = 'pipeline'
    ORDER BY id DESC
    LIMIT iif(CAST(?4 AS TEXT) IS NULL, ?5, 5000)
),

found AS MATERIALIZED (
    SELECT id, verdict FROM of_xero
    UNION ALL
    SELECT id, verdict FROM of_pipeline
),

page AS MATERIALIZED (
    SELECT id FROM found
    WHERE CAST(?4 AS TEXT) IS NULL OR coalesce(verdict, 'new') = ?4
    ORDER BY id DESC
    LIMIT ?5
)

SELECT
    recent.id, recent.source, recent.category, recent.event, recent.happened_at, recent.received_at,
    recent.state, recent.verdict, recent.resource_id, links.key, desired.label
FROM page
CROSS JOIN inbox AS recent
LEFT JOIN links INDEXED BY links_one_to_one
    ON links.tenant_id = recent.tenant_id
    AND links.kind = iif(recent.category = 'CONTACT', 'customer', 'invoice')
    AND links.xero_id = recent.resource_id AND links.merged_to IS NULL
LEFT JOIN desired
    ON desired.tenant_id = links.tenant_id AND desired.kind = links.kind AND desired.key = links.key
WHERE recent.id = page.id
ORDER BY recent.id DESC;

-- name: last
SELECT
    (SELECT received_at FROM inbox INDEXED BY inbox_by_tenant
        WHERE tenant_id = tenants.id AND source = 'xero' AND received_at > 0 ORDER BY id DESC LIMIT 1),
    (SELECT received_at FROM inbox INDEXED BY inbox_by_tenant
        WHERE tenant_id = tenants.id AND source = 'pipeline' AND received_at > 0 ORDER BY id DESC LIMIT 1)
FROM tenants
WHERE name = ?1;

-- name: gaps
SELECT first, last, noted_at FROM webhook_gaps WHERE source = 'xero' ORDER BY first LIMIT ?1;

-- name: note_missed
INSERT INTO missed_changes (tenant_id, xero_id, noticed_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3);

-- name: forget_missed
DELETE FROM missed_changes
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND id <= (
    SELECT id FROM missed_changes
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    ORDER BY id DESC
    LIMIT 1 OFFSET ?2
);

-- name: missed
SELECT missed_changes.xero_id, missed_changes.noticed_at, links.kind, links.key, desired.label
FROM missed_changes
LEFT JOIN links INDEXED BY links_one_to_one
    ON links.tenant_id = missed_changes.tenant_id AND links.kind IN ('invoice', 'customer')
    AND links.xero_id = missed_changes.xero_id AND links.merged_to IS NULL
LEFT JOIN desired
    ON desired.tenant_id = links.tenant_id AND desired.kind = links.kind AND desired.key = links.key
WHERE missed_changes.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
ORDER BY missed_changes.id DESC
LIMIT ?2;
