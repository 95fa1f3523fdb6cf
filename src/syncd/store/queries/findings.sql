-- Findings: what people should know of, open until it is gone.

-- name: open
-- ?2 is a JSON list of [kind, key, label, text]. What is open keeps its age.
INSERT INTO findings (tenant_id, kind, key, label, text, opened_at, seen_at)
SELECT
    (SELECT id FROM tenants WHERE name = ?1),
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?3, ?3
FROM json_each(?2)
WHERE true
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    label = excluded.label,
    text = excluded.text,
    opened_at = iif(findings.closed_at IS NULL, findings.opened_at, excluded.opened_at),
    seen_at = max(findings.seen_at, excluded.seen_at),
    closed_at = NULL
RETURNING kind, key, opened_at = ?3;

-- name: open_held
-- What the queue's own ends say: a held job is the finding, as long as it is held for that. An
-- invoice and a customer of one key would be one finding.
INSERT INTO findings (tenant_id, kind, key, label, text, opened_at, seen_at)
SELECT
    jobs.tenant_id,
    CASE
        WHEN jobs.reason = 'invalid_document' THEN 'unreadable_in_pipeline'
        WHEN jobs.kind = 'push_customer' THEN 'unlinked_contact'
        WHEN jobs.is_out_of_sync = 1 OR jobs.reason = 'status_regression' THEN 'differing'
        WHEN jobs.reason = 'gone_in_xero' THEN 'missing'
        ELSE 'stranger'
    END,
    jobs.key, max(coalesce(desired.label, '')), max(coalesce(jobs.note, '')), ?2, ?2
FROM jobs
LEFT JOIN desired ON desired.tenant_id = jobs.tenant_id AND desired.key = jobs.key
    AND desired.kind = iif(jobs.kind = 'push_customer', 'customer', 'invoice')
WHERE jobs.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND jobs.state = 'held'
    AND (
        (
            jobs.kind = 'push_invoice' AND (
                jobs.is_out_of_sync = 1
                OR jobs.reason IN ('gone_in_xero', 'number_taken', 'status_regression')
            )
        )
        OR (
            jobs.kind = 'push_customer'
            AND jobs.reason IN ('contact_unmapped', 'contact_name_taken', 'contact_archived')
        )
        OR (jobs.reason = 'invalid_document' AND desired.problem IS NOT NULL)
    )
GROUP BY 1, 2, 3
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    label = excluded.label,
    text = excluded.text,
    opened_at = iif(findings.closed_at IS NULL, findings.opened_at, excluded.opened_at),
    seen_at = max(findings.seen_at, excluded.seen_at),
    closed_at = NULL
RETURNING kind, key, opened_at = ?2;

-- name: close_held
-- Those whose job has settled otherwise; one that is being looked at keeps its finding.
UPDATE findings SET closed_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL
    AND kind IN ('missing', 'differing', 'stranger', 'unlinked_contact') AND seen_at < ?2
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.tenant_id = findings.tenant_id AND jobs.key = findings.key
            AND jobs.kind = iif(findings.kind = 'unlinked_contact', 'push_customer', 'push_invoice')
            AND jobs.state IN ('ready', 'leased', 'uncertain')
    )
RETURNING kind, key;

-- name: close_readable
-- What Pipeline has mended, or withdrawn.
UPDATE findings SET closed_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL
    AND kind = 'unreadable_in_pipeline'
    AND NOT EXISTS (
        SELECT 1 FROM desired
        WHERE desired.tenant_id = findings.tenant_id AND desired.key = findings.key
            AND desired.problem IS NOT NULL
    )
RETURNING kind, key;

-- name: close_taken
-- Pipeline has taken all that was to be told of these.
UPDATE findings SET closed_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL
    AND kind = 'result_refused'
    AND NOT EXISTS (
        SELECT 1 FROM results
        WHERE results.tenant_id = findings.tenant_id
            AND results.kind IN ('invoice', 'payment', 'customer')
            AND results.key = findings.key AND results.sent_seq < results.wanted_seq
    )
RETURNING kind, key;

-- name: close_linked
-- A document that was extra is linked now, or is no more.
UPDATE findings SET closed_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL
    AND kind IN ('extra', 'duplicate_suspected')
    AND EXISTS (
        SELECT 1 FROM links
        WHERE links.tenant_id = findings.tenant_id AND links.kind = 'invoice'
            AND links.xero_id = findings.key
    )
RETURNING kind, key;

-- name: close
-- ?3 is a JSON list of keys.
UPDATE findings SET closed_at = max(seen_at, ?4)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3))
RETURNING kind, key;

-- name: close_aged
-- Those of a kind that have not been seen since.
UPDATE findings SET closed_at = ?4
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL AND kind = ?2
    AND seen_at < ?3
RETURNING kind, key;

-- name: counts
SELECT kind, count(*) FROM findings INDEXED BY findings_open
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL
GROUP BY kind
ORDER BY kind;

-- name: oldest_by_kind
-- Of these kinds (?2, a JSON list): how many are open, and the oldest of each.
SELECT kind, total, opened_at, key, label, text FROM (
    SELECT
        kind, opened_at, key, label, text,
        count(*) OVER (PARTITION BY kind) AS total,
        row_number() OVER (PARTITION BY kind ORDER BY opened_at, key) AS place
    FROM findings INDEXED BY findings_open
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL
        AND kind IN (SELECT value FROM json_each(?2))
) AS ranked
WHERE place = 1
ORDER BY kind;

-- name: listing
-- Open ones after a place, by kind and key; ?2 narrows to one kind. What a held job tells was looked
-- at when that settled, however often it was found on paper since.
SELECT
    kind, key, label, text, opened_at, seen_at,
    coalesce(
        CASE WHEN kind IN ('missing', 'differing', 'stranger', 'unlinked_contact') THEN (
            SELECT jobs.settled_at FROM jobs
            WHERE jobs.tenant_id = findings.tenant_id AND jobs.key = findings.key
                AND jobs.kind
                = iif(findings.kind = 'unlinked_contact', 'push_customer', 'push_invoice')
        ) END,
        seen_at
    ),
    CASE
        WHEN kind IN ('extra', 'duplicate_suspected') THEN (
            SELECT links.key FROM links INDEXED BY links_one_to_one
            WHERE links.tenant_id = findings.tenant_id AND links.kind = 'invoice'
                AND links.merged_to IS NULL AND links.xero_id = findings.key
        )
        WHEN kind NOT IN ('missed_webhook', 'unreadable_feed', 'unreadable_in_xero') THEN key
    END,
    CASE
        WHEN kind IN ('extra', 'duplicate_suspected') THEN key
        WHEN kind NOT IN ('missed_webhook', 'unreadable_feed', 'unreadable_in_xero') THEN (
            SELECT links.xero_id FROM links
            WHERE links.tenant_id = findings.tenant_id AND links.key = findings.key
                AND links.kind IN ('invoice', 'customer')
            ORDER BY links.kind
            LIMIT 1
        )
    END,
    closed_at
FROM findings
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL
    AND (CAST(?2 AS TEXT) IS NULL OR kind = ?2) AND (kind, key) > (?3, ?4)
ORDER BY kind, key
LIMIT ?5;

-- name: closed
-- Those that went since ?3, the last one first.
SELECT
    kind, key, label, text, opened_at, seen_at, seen_at,
    CASE
        WHEN kind IN ('extra', 'duplicate_suspected') THEN (
            SELECT links.key FROM links INDEXED BY links_one_to_one
            WHERE links.tenant_id = findings.tenant_id AND links.kind = 'invoice'
                AND links.merged_to IS NULL AND links.xero_id = findings.key
        )
        WHEN kind NOT IN ('missed_webhook', 'unreadable_feed', 'unreadable_in_xero') THEN key
    END,
    CASE
        WHEN kind IN ('extra', 'duplicate_suspected') THEN key
        WHEN kind NOT IN ('missed_webhook', 'unreadable_feed', 'unreadable_in_xero') THEN (
            SELECT links.xero_id FROM links
            WHERE links.tenant_id = findings.tenant_id AND links.key = findings.key
                AND links.kind IN ('invoice', 'customer')
            ORDER BY links.kind
            LIMIT 1
        )
    END,
    closed_at
FROM findings INDEXED BY findings_closed
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at >= ?3
    AND (CAST(?2 AS TEXT) IS NULL OR kind = ?2)
ORDER BY closed_at DESC
LIMIT ?4;

-- name: labelled
-- What open ones say of what people call by this name; reads every open one, for a person's question.
SELECT text FROM findings INDEXED BY findings_open
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND closed_at IS NULL AND label = ?2
ORDER BY kind, key;
