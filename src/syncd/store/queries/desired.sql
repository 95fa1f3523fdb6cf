-- What Pipeline wants: the newest version of each object.

-- name: put
-- ?2 is a JSON array of [kind, key, version, is_withdrawn, label, parent, changed_at, changed_by,
-- problem, body]. A withdrawn or unreadable object keeps the label and parent it had. What could
-- not be read and now can is newer than itself.
INSERT INTO desired (
    tenant_id, kind, key, version, is_withdrawn, label, parent, changed_at, changed_by, problem,
    body
)
SELECT
    (SELECT id FROM tenants WHERE name = ?1),
    value ->> 0, value ->> 1, CAST(value ->> 2 AS INTEGER), CAST(value ->> 3 AS INTEGER),
    value ->> 4, value ->> 5, CAST(value ->> 6 AS INTEGER), value ->> 7, value ->> 8, CAST(value ->> 9 AS BLOB)
FROM json_each(?2)
WHERE true
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    version = excluded.version,
    is_withdrawn = excluded.is_withdrawn,
    label = iif(excluded.body IS NULL, coalesce(nullif(desired.label, ''), excluded.label), excluded.label),
    parent = iif(excluded.body IS NULL, desired.parent, excluded.parent),
    changed_at = excluded.changed_at,
    changed_by = excluded.changed_by,
    problem = excluded.problem,
    body = excluded.body
WHERE excluded.version > desired.version
    OR (excluded.version = desired.version AND desired.problem IS NOT NULL
        AND excluded.problem IS NULL)
RETURNING kind, key, version;

-- name: set_back
-- Nothing is known of that version any more until `put`, in the same transaction, says it.
UPDATE desired SET version = ?4, is_withdrawn = 0, problem = 'set back', body = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3;

-- name: versions
SELECT kind, key, version FROM desired
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3));

-- name: living
SELECT key FROM desired
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3)) AND is_withdrawn = 0;

-- name: by_keys
SELECT key, version, is_withdrawn, label, parent, changed_at, changed_by, problem, body
FROM desired
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3))
ORDER BY key;

-- name: by_labels
SELECT key, version, is_withdrawn, label, parent, changed_at, changed_by, problem, body
FROM desired
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND label IN (SELECT value FROM json_each(?3))
ORDER BY label, key;

-- name: children
SELECT key FROM desired INDEXED BY desired_by_parent
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice'
    AND parent IN (SELECT value FROM json_each(?2))
ORDER BY key;

-- name: parents
-- Of those dated before ?3, if there is such a day, only what stands in Xero counts.
WITH living AS MATERIALIZED (
    SELECT tenant_id, key, parent, body FROM desired
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice'
        AND is_withdrawn = 0 AND parent IN (SELECT value FROM json_each(?2))
)
SELECT DISTINCT parent FROM living
WHERE CAST(?3 AS TEXT) IS NULL OR body IS NULL
    OR json_extract(CAST(body AS TEXT), '$.invoice_on') >= CAST(?3 AS TEXT)
    OR (
        SELECT links.key FROM links
        WHERE links.tenant_id = living.tenant_id AND links.kind = 'invoice'
            AND links.key = living.key
    ) IS NOT NULL
ORDER BY parent;

-- name: unlinked_customers
-- Keys first, out of the index alone: the bodies of those that are linked stay unread.
SELECT key, version, is_withdrawn, label, parent, changed_at, changed_by, problem, body
FROM desired
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'customer'
    AND key IN (
        SELECT wanted.key FROM desired AS wanted
        WHERE wanted.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
            AND wanted.kind = 'customer'
            AND NOT EXISTS (
                SELECT 1 FROM links
                WHERE links.tenant_id = wanted.tenant_id AND links.kind = 'customer'
                    AND links.key = wanted.key
            )
    )
    AND is_withdrawn = 0 AND body IS NOT NULL
ORDER BY key;

-- name: after_key
SELECT key, version, is_withdrawn, label, parent, changed_at, changed_by, problem, body
FROM desired
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key > ?3
ORDER BY key
LIMIT ?4;

-- name: unwanted
-- The queue keeps a row for ever for whatever was in it once.
SELECT key, version, is_withdrawn, label, parent, changed_at, changed_by, problem, body
FROM desired
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice' AND key > ?2
    AND is_withdrawn = 0 AND body IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.tenant_id = desired.tenant_id AND jobs.kind = 'push_invoice'
            AND jobs.key = desired.key
    )
ORDER BY key
LIMIT ?3;

-- name: labels
SELECT key, label FROM desired INDEXED BY sqlite_autoindex_desired_1
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind IN ('invoice', 'customer')
    AND key IN (SELECT value FROM json_each(?2)) AND label <> '';
