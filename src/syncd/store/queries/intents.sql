-- Intents: one per element of a call, what we meant and what we knew.

-- name: open
-- Without a body (?11) only while the version it was made of is the stored one.
INSERT INTO intents (
    tenant_id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain,
    opened_at, body, ties
)
SELECT
    tenants.id, ?2, ?3, (SELECT id FROM calls WHERE idempotency_key = ?4), ?5, ?6, ?7, ?8, 'open',
    ?9, ?10, CAST(?11 AS BLOB), ?12
FROM tenants
WHERE tenants.name = ?1 AND (
    CAST(?11 AS BLOB) IS NOT NULL OR EXISTS (
        SELECT 1 FROM desired
        WHERE desired.tenant_id = tenants.id AND desired.kind = ?2 AND desired.key = ?3
            AND desired.version = ?7 AND desired.body IS NOT NULL
    )
);

-- name: ids_of_sent_call
SELECT id, call_id FROM intents
WHERE call_id = (SELECT id FROM calls WHERE idempotency_key = ?1)
ORDER BY element;

-- name: of_calls
SELECT
    id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain, was_not_unique,
    clean_looks, look_at, opened_at, body, ties,
    coalesce((SELECT elements FROM calls WHERE calls.id = intents.call_id), 1)
FROM intents
WHERE call_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?1))
ORDER BY call_id, element;

-- name: open_by_keys
SELECT
    id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain, was_not_unique,
    clean_looks, look_at, opened_at, body, ties,
    coalesce((SELECT elements FROM calls WHERE calls.id = intents.call_id), 1)
FROM intents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3)) AND state = 'open'
ORDER BY id;

-- name: open_on
SELECT xero_id, key FROM intents INDEXED BY intents_one_open
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND xero_id IN (SELECT value FROM json_each(?3)) AND state = 'open';

-- name: open_of_tenant
SELECT
    id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain, was_not_unique,
    clean_looks, look_at, opened_at, body, ties,
    coalesce((SELECT elements FROM calls WHERE calls.id = intents.call_id), 1)
FROM intents INDEXED BY intents_one_open
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'open'
ORDER BY id;

-- name: since_base
-- A document that equals one of these is ours, late. Without a base every intent counts.
SELECT
    id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain, was_not_unique,
    clean_looks, look_at, opened_at, body, ties,
    coalesce((SELECT elements FROM calls WHERE calls.id = intents.call_id), 1)
FROM intents
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3)) AND state <> 'open'
    AND opened_at >= coalesce((
        SELECT based_at FROM links
        WHERE links.tenant_id = intents.tenant_id AND links.kind = intents.kind
            AND links.key = intents.key
    ), 0)
ORDER BY id;

-- name: close
UPDATE intents SET state = ?2, closed_at = ?3, body = coalesce(body, ?4)
WHERE id = ?1 AND state = 'open';

-- name: keep_meant
UPDATE intents SET body = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice' AND key = ?2
    AND step = 'create' AND state = 'applied' AND body IS NULL;

-- name: forget_versions
DELETE FROM sent_versions
WHERE NOT EXISTS (
    SELECT 1 FROM intents
    WHERE intents.tenant_id = sent_versions.tenant_id AND intents.kind = sent_versions.kind
        AND intents.key = sent_versions.key AND intents.state = 'open'
        AND intents.version = sent_versions.version
);

-- name: versions_carried
-- The bodies of the versions that these open intents (?1, a JSON list of ids) carry. What was kept
-- comes first: a Pipeline that was set back may give the same version out with another body.
SELECT intents.id, coalesce(sent_versions.body, desired.body)
FROM json_each(?1) AS asked
CROSS JOIN intents
LEFT JOIN desired
    ON desired.tenant_id = intents.tenant_id AND desired.kind = intents.kind
    AND desired.key = intents.key AND desired.version = intents.version
LEFT JOIN sent_versions
    ON sent_versions.tenant_id = intents.tenant_id AND sent_versions.kind = intents.kind
    AND sent_versions.key = intents.key AND sent_versions.version = intents.version
WHERE intents.id = CAST(asked.value AS INTEGER) AND intents.state = 'open'
    AND coalesce(sent_versions.body, desired.body) IS NOT NULL;

-- name: note_probes
UPDATE intents SET clean_looks = ?2, look_at = ?3 WHERE id = ?1 AND state = 'open';

-- name: not_unique
UPDATE intents SET was_not_unique = 1, look_at = NULL WHERE id = ?1 AND state = 'open';

-- name: resent
UPDATE intents SET was_uncertain = 1, was_not_unique = 0, clean_looks = 0, look_at = NULL
WHERE call_id = ?1 AND state = 'open';
