-- All that is on paper of invoices, for the control totals. Read-only, page by page.

-- name: by_keys
SELECT
    desired.key, desired.label, desired.is_withdrawn, desired.problem, desired.body,
    jobs.public_state, jobs.reason, coalesce(jobs.note, ''),
    jobs.settled_at,
    links.xero_id, links.xero_status, links.base, links.based_at, results.content,
    coalesce(results.sent_seq >= 1, false), coalesce(results.sent_seq < results.wanted_seq, false)
FROM desired
LEFT JOIN jobs
    ON jobs.tenant_id = desired.tenant_id AND jobs.key = desired.key
    AND jobs.kind = 'push_invoice'
LEFT JOIN links
    ON links.tenant_id = desired.tenant_id AND links.kind = desired.kind
    AND links.key = desired.key
LEFT JOIN results
    ON results.tenant_id = desired.tenant_id AND results.kind = 'invoice'
    AND results.key = desired.key AND results.part = ''
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = 'invoice'
    AND desired.key IN (SELECT value FROM json_each(?2))
ORDER BY desired.key;

-- name: after_key
SELECT
    desired.key, desired.label, desired.is_withdrawn, desired.problem, desired.body,
    jobs.public_state, jobs.reason, coalesce(jobs.note, ''),
    jobs.settled_at,
    links.xero_id, links.xero_status, links.base, links.based_at, results.content,
    coalesce(results.sent_seq >= 1, false), coalesce(results.sent_seq < results.wanted_seq, false)
FROM desired
LEFT JOIN jobs
    ON jobs.tenant_id = desired.tenant_id AND jobs.key = desired.key
    AND jobs.kind = 'push_invoice'
LEFT JOIN links
    ON links.tenant_id = desired.tenant_id AND links.kind = desired.kind
    AND links.key = desired.key
LEFT JOIN results
    ON results.tenant_id = desired.tenant_id AND results.kind = 'invoice'
    AND results.key = desired.key AND results.part = ''
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = 'invoice'
    AND desired.key > ?2
ORDER BY desired.key
LIMIT ?3;

-- name: keys_by_xero
SELECT xero_id, key FROM links
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice'
    AND merged_to IS NULL AND xero_id IN (SELECT value FROM json_each(?2))
ORDER BY xero_id;

-- name: contacts_after
-- A merged contact is its survivor; the former ones are a JSON list.
SELECT
    desired.key, desired.label, links.xero_id, links.merged_to,
    CAST(links.base AS TEXT) -> '$.former'
FROM desired
LEFT JOIN links USING (tenant_id, kind, key)
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = 'customer'
    AND desired.key > ?2
ORDER BY desired.key
LIMIT ?3;
