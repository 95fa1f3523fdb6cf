-- Which Pipeline object stands as which Xero document, and what both showed when they agreed.

-- name: put
INSERT INTO links (
    tenant_id, kind, key, xero_id, is_ours, merged_to, base, synced_version, xero_status,
    xero_number, seen_at, based_at, unverified_from, own_updated_at
)
VALUES (
    (SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
    ?14
)
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    xero_id = excluded.xero_id,
    is_ours = excluded.is_ours,
    merged_to = excluded.merged_to,
    base = excluded.base,
    synced_version = excluded.synced_version,
    xero_status = excluded.xero_status,
    xero_number = excluded.xero_number,
    seen_at = excluded.seen_at,
    based_at = excluded.based_at,
    unverified_from = excluded.unverified_from,
    own_updated_at = coalesce(excluded.own_updated_at, links.own_updated_at);

-- name: note_read
UPDATE links SET xero_status = ?4, xero_number = ?5, seen_at = max(seen_at, ?6)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3;

-- name: let_go
DELETE FROM links
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3
    AND xero_id = ?4;

-- name: by_keys
SELECT
    key, xero_id, is_ours, xero_status, xero_number, seen_at, base, based_at, synced_version,
    merged_to, unverified_from
FROM links
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3))
ORDER BY key;

-- name: by_xero_ids
-- What was merged away is left out, so that the index serves: a document never is.
SELECT
    key, xero_id, is_ours, xero_status, xero_number, seen_at, base, based_at, synced_version,
    merged_to, unverified_from
FROM links INDEXED BY links_one_to_one
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND merged_to IS NULL AND xero_id IN (SELECT value FROM json_each(?3))
ORDER BY key;

-- name: by_xero_ids_of_merged
SELECT
    key, xero_id, is_ours, xero_status, xero_number, seen_at, base, based_at, synced_version,
    merged_to, unverified_from
FROM links INDEXED BY links_one_to_one
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND merged_to IS NULL AND xero_id IN (SELECT value FROM json_each(?3))
UNION ALL
SELECT
    key, xero_id, is_ours, xero_status, xero_number, seen_at, base, based_at, synced_version,
    merged_to, unverified_from
FROM links INDEXED BY links_merged
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND merged_to IS NOT NULL AND xero_id IN (SELECT value FROM json_each(?3))
ORDER BY key;

-- name: standing_for
-- Customers whose contact is one of these, or was merged into one of them; of the latter those that
-- are deleted in Pipeline want nothing of it.
SELECT
    key, xero_id, is_ours, xero_status, xero_number, seen_at, base, based_at, synced_version,
    merged_to, unverified_from
FROM links INDEXED BY links_one_to_one
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND merged_to IS NULL AND xero_id IN (SELECT value FROM json_each(?3))
UNION ALL
SELECT
    key, xero_id, is_ours, xero_status, xero_number, seen_at, base, based_at, synced_version,
    merged_to, unverified_from
FROM links INDEXED BY links_merged
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND merged_to IS NOT NULL AND (
        xero_id IN (SELECT value FROM json_each(?3))
        OR merged_to IN (SELECT value FROM json_each(?3))
    )
    AND NOT EXISTS (
        SELECT 1 FROM desired
        WHERE desired.tenant_id = links.tenant_id AND desired.kind = links.kind
            AND desired.key = links.key AND desired.is_withdrawn = 1
    )
ORDER BY key;

-- name: owners
-- Whose these contacts are; a customer that is deleted in Pipeline keeps none from another.
SELECT xero_id, key
FROM links INDEXED BY links_one_to_one
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND merged_to IS NULL AND xero_id IN (SELECT value FROM json_each(?3))
    AND NOT EXISTS (
        SELECT 1 FROM desired
        WHERE desired.tenant_id = links.tenant_id AND desired.kind = links.kind
            AND desired.key = links.key AND desired.is_withdrawn = 1
    );

-- name: hand_over
-- Before ?3 is linked to this contact: who had it, and is deleted in Pipeline, stands with it as
-- after a merge, for what it was invoiced.
UPDATE links SET merged_to = xero_id
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND merged_to IS NULL AND xero_id = ?4 AND key <> ?3
    AND EXISTS (
        SELECT 1 FROM desired
        WHERE desired.tenant_id = links.tenant_id AND desired.kind = links.kind
            AND desired.key = links.key AND desired.is_withdrawn = 1
    );

-- name: after_key
SELECT
    key, xero_id, is_ours, xero_status, xero_number, seen_at, base, based_at, synced_version,
    merged_to, unverified_from
FROM links
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key > ?3
ORDER BY key
LIMIT ?4;

-- name: renumbered
-- What has one number in Xero and another in Pipeline: whoever wants one of ?2, a JSON list, whoever
-- wants what that one has, and so on. A circle ends where it began.
WITH RECURSIVE
tenant AS (SELECT id FROM tenants WHERE name = ?1),
chain (has, wants) AS (
    SELECT value || '', value || '' FROM json_each(?2)
    UNION
    SELECT links.xero_number, desired.label
    FROM chain
    JOIN desired ON desired.tenant_id = (SELECT id FROM tenant) AND desired.kind = 'invoice'
        AND desired.label = chain.has AND desired.is_withdrawn = 0
    JOIN links ON links.tenant_id = desired.tenant_id AND links.kind = 'invoice'
        AND links.key = desired.key
    WHERE links.xero_number <> desired.label
)
SELECT has, wants FROM chain
WHERE has <> wants
LIMIT ?3;

-- name: called_in_xero
-- The numbers in Pipeline of what has this number in Xero; reads every link, for a person's
-- question.
SELECT desired.label FROM links
JOIN desired USING (tenant_id, kind, key)
WHERE links.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND links.kind = 'invoice'
    AND links.xero_number = ?2 AND links.merged_to IS NULL
ORDER BY desired.label;
