-- What sweeps remember: how far they have come, what Xero showed, what nobody has announced.

-- name: tasks
SELECT task, memory, is_under_way, wanted_seq, began_seq, served_seq, ended_at FROM sweeps
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
ORDER BY task;

-- name: remember
-- A turn is on paper; ?6 is when it was its sweep's last.
INSERT INTO sweeps (
    tenant_id, task, memory, is_under_way, began_seq, ended_at, refused, refused_since
)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (tenant_id, task) DO UPDATE SET
    memory = excluded.memory,
    is_under_way = excluded.is_under_way,
    began_seq = excluded.began_seq,
    served_seq = iif(excluded.ended_at IS NULL, sweeps.served_seq, excluded.began_seq),
    ended_at = coalesce(excluded.ended_at, sweeps.ended_at),
    refused = iif(excluded.ended_at IS NULL, sweeps.refused, excluded.refused),
    refused_since = CASE
        WHEN excluded.ended_at IS NULL THEN sweeps.refused_since
        WHEN excluded.refused IS NULL THEN NULL
        ELSE coalesce(sweeps.refused_since, excluded.refused_since)
    END;

-- name: refused
SELECT refused, refused_since FROM sweeps
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND refused IS NOT NULL
ORDER BY refused_since, task;

-- name: order
INSERT INTO sweeps (tenant_id, task, wanted_seq)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, 1)
ON CONFLICT (tenant_id, task) DO UPDATE SET wanted_seq = sweeps.wanted_seq + 1
RETURNING wanted_seq;

-- name: documents
-- How many invoices stand in Xero.
SELECT count(*) FROM links
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice';

-- name: first_agreed
-- When the first document of a kind was agreed on: reads every link, for the first sweep alone.
SELECT min(based_at) FROM links
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2;

-- name: first_looked_for
SELECT min(first_wanted_at) FROM jobs
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'held' AND kind = ?2
    AND (kind = 'push_customer' OR reason = 'number_taken');

-- name: last_seen
SELECT xero_id, updated_at, face, money FROM glances
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND xero_id IN (SELECT value FROM json_each(?2));

-- name: note_seen
-- ?2 is a JSON list of [xero_id, updated_at, face, money, dated_on, full_at, run, row_digest]. What a
-- summary shows (full_at null) leaves standing when the document was last read in full; a read that
-- shows what was known leaves the digest of its summary.
INSERT INTO glances (
    tenant_id, xero_id, updated_at, face, money, dated_on, full_at, run, row_digest
)
SELECT
    (SELECT id FROM tenants WHERE name = ?1),
    value ->> 0, CAST(value ->> 1 AS INTEGER), value ->> 2, value ->> 3, value ->> 4,
    CAST(value ->> 5 AS INTEGER), CAST(value ->> 6 AS INTEGER), value ->> 7
FROM json_each(?2)
WHERE true
ON CONFLICT (tenant_id, xero_id) DO UPDATE SET
    updated_at = excluded.updated_at,
    face = excluded.face,
    money = excluded.money,
    dated_on = excluded.dated_on,
    full_at = coalesce(excluded.full_at, glances.full_at),
    run = max(excluded.run, glances.run),
    row_digest = CASE
        WHEN excluded.row_digest IS NULL AND glances.updated_at = excluded.updated_at
            AND glances.face = excluded.face AND glances.money = excluded.money
            AND glances.dated_on = excluded.dated_on
            THEN glances.row_digest
        ELSE excluded.row_digest
    END;

-- name: note_unchanged
-- A full sweep has seen these unchanged.
UPDATE glances SET run = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND xero_id IN (SELECT value FROM json_each(?2));

-- name: note_alike
UPDATE glances SET run = ?4, row_digest = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND xero_id = ?2;

-- name: linked_documents
-- Everything a page of summaries is compared with, in one read. Base and stamps only where no sweep
-- has seen the document yet. CROSS JOIN keeps the page in front: links are many.
SELECT
    links.key, links.xero_id, glances.updated_at, glances.face, glances.money,
    iif(glances.updated_at IS NULL, links.base, NULL), links.based_at,
    nullif(max(coalesce(links.own_updated_at, 0), coalesce(sights.updated_at, 0)), 0),
    glances.row_digest, iif(results.sent_seq = results.wanted_seq, results.content, NULL)
FROM json_each(?2) AS wanted
CROSS JOIN links
LEFT JOIN glances ON glances.tenant_id = links.tenant_id AND glances.xero_id = links.xero_id
LEFT JOIN sights ON glances.updated_at IS NULL
    AND sights.tenant_id = links.tenant_id AND sights.key = links.key
LEFT JOIN results ON results.tenant_id = links.tenant_id AND results.kind = 'invoice'
    AND results.key = links.key AND results.part = ''
WHERE links.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND links.kind = 'invoice' AND links.xero_id = wanted.value AND links.merged_to IS NULL;

-- name: bounds
-- The dates at which ranges of about ?2 documents begin, as Xero last showed them; of what no sweep
-- has seen yet, as agreed: what both halves of a base say alike is kept once, and older ones keep
-- Pipeline's half alone. Materialized, or every base would be asked whether it has a date.
WITH unseen AS MATERIALIZED (
    SELECT coalesce(
        CAST(base AS TEXT) ->> '$.invoice_on', CAST(base AS TEXT) ->> '$.xero.invoice_on',
        CAST(base AS TEXT) ->> '$.pipeline.invoice_on'
    ) AS dated_on
    FROM links INDEXED BY links_one_to_one
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice'
        AND merged_to IS NULL AND NOT EXISTS (
            SELECT 1 FROM glances
            WHERE glances.tenant_id = links.tenant_id AND glances.xero_id = links.xero_id
        )
)

SELECT dated_on FROM (
    SELECT dated_on, row_number() OVER (ORDER BY dated_on) - 1 AS place FROM (
        SELECT dated_on FROM glances
        WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND dated_on <> ''
        UNION ALL
        SELECT dated_on FROM unseen
        WHERE dated_on IS NOT NULL
    ) AS dated
) AS placed
WHERE place % ?2 = 0
ORDER BY dated_on;

-- name: unseen
-- Living documents that the full sweep ?2 has not come across, after an id.
SELECT links.xero_id FROM links
LEFT JOIN glances ON glances.tenant_id = links.tenant_id AND glances.xero_id = links.xero_id
WHERE links.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND links.kind = 'invoice'
    AND links.merged_to IS NULL AND links.xero_status NOT IN ('VOIDED', 'DELETED')
    AND links.xero_id > ?3 AND (glances.run IS NULL OR glances.run < ?2)
ORDER BY links.xero_id
LIMIT ?4;

-- name: stale
-- Living documents not read in full since then, the longest first.
SELECT glances.xero_id FROM glances
JOIN links ON links.tenant_id = glances.tenant_id AND links.kind = 'invoice'
    AND links.xero_id = glances.xero_id AND links.merged_to IS NULL
    AND links.xero_status NOT IN ('VOIDED', 'DELETED')
WHERE glances.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND coalesce(glances.full_at, 0) < ?2
ORDER BY glances.full_at NULLS FIRST, glances.xero_id
LIMIT ?3;

-- name: read_in_full
UPDATE glances SET full_at = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND xero_id IN (SELECT value FROM json_each(?2));

-- name: unannounced
INSERT INTO unannounced (tenant_id, xero_id, changed_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id, xero_id) DO UPDATE SET changed_at = excluded.changed_at;

-- name: announced
-- A webhook told of it: of that change, or of a later one. What came since is read once for all.
DELETE FROM unannounced
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND xero_id IN (
        SELECT waiting.xero_id
        FROM unannounced AS waiting
        JOIN (
            SELECT resource_id, max(happened_at) AS last_at
            FROM inbox
            WHERE happened_at >= (
                SELECT min(changed_at)
                FROM unannounced
                WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
            ) - ?2
            GROUP BY resource_id
        ) AS told ON told.resource_id = waiting.xero_id
        WHERE waiting.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
            AND told.last_at >= waiting.changed_at - ?2
    );

-- name: missed
-- Nobody has told of it in time.
DELETE FROM unannounced
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND changed_at < ?2
RETURNING xero_id;

-- name: mismatches
-- Open findings of amounts, with what was last told and what was last seen.
SELECT findings.key, glances.money,
    CAST(results.content AS TEXT) ->> 'amount_due',
    CAST(results.content AS TEXT) ->> 'amount_paid',
    CAST(results.content AS TEXT) ->> 'amount_credited'
FROM findings INDEXED BY findings_open
JOIN links ON links.tenant_id = findings.tenant_id AND links.kind = 'invoice'
    AND links.key = findings.key
JOIN glances ON glances.tenant_id = links.tenant_id AND glances.xero_id = links.xero_id
JOIN results ON results.tenant_id = links.tenant_id AND results.kind = 'invoice'
    AND results.key = links.key AND results.part = ''
WHERE findings.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND findings.closed_at IS NULL AND findings.kind = 'paid_unpaid_mismatch'
ORDER BY findings.key;

-- name: busy
-- Whether the worker has an invoice to look at now, or in its hand. Of a paused tenant it looks at
-- none, and nobody waits for it.
SELECT EXISTS (
    SELECT 1 FROM jobs
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1 AND is_paused = 0)
        AND kind = 'push_invoice' AND state = 'ready' AND ready_at <= ?2
) OR EXISTS (
    SELECT 1 FROM jobs INDEXED BY jobs_leased
    WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'push_invoice'
        AND state = 'leased'
);
