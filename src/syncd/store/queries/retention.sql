-- What is old enough is taken out. Long tables are walked by id, a chunk at a time, so that no
-- statement reads more rows than one chunk has: ?1 is the last id of the chunk before, ?2 of this
-- one, ?3 the instant before which is old. Each row that goes answers one.

-- name: chunk_of_intents
-- After ?1, ?2 rows at most: the last id, and when the first of them came.
SELECT max(id), min(opened_at)
FROM (SELECT id, opened_at FROM intents WHERE id > ?1 ORDER BY id LIMIT ?2) AS chunk;

-- name: forget_intents
-- Without a base the intents are all we know of a document, and one opened after its base may
-- still land late: they stay.
DELETE FROM intents
WHERE id > ?1 AND id <= ?2 AND closed_at < ?3
    AND EXISTS (
        SELECT 1 FROM links
        WHERE links.tenant_id = intents.tenant_id AND links.kind = intents.kind
            AND links.key = intents.key AND links.based_at > intents.opened_at
    )
RETURNING 1;

-- name: chunk_of_calls
SELECT max(id), min(opened_at)
FROM (SELECT id, opened_at FROM calls WHERE id > ?1 ORDER BY id LIMIT ?2) AS chunk;

-- name: forget_calls
DELETE FROM calls
WHERE id > ?1 AND id <= ?2 AND closed_at < ?3
    AND NOT EXISTS (SELECT 1 FROM intents WHERE intents.call_id = calls.id)
RETURNING 1;

-- name: chunk_of_events
SELECT max(id), min(received_at)
FROM (SELECT id, received_at FROM inbox WHERE id > ?1 ORDER BY id LIMIT ?2) AS chunk;

-- name: forget_events
-- The newest stays whatever its age, so that no id is given twice.
DELETE FROM inbox
WHERE id > ?1 AND id <= ?2 AND received_at < ?3 AND state <> 'new'
    AND id < (SELECT max(id) FROM inbox)
RETURNING 1;

-- name: forget_gaps
-- An event that has not come by then never will.
DELETE FROM webhook_gaps
WHERE (source, first) IN (SELECT source, first FROM webhook_gaps WHERE noted_at < ?1 LIMIT ?2)
RETURNING 1;

-- name: forget_findings
DELETE FROM findings
WHERE (tenant_id, kind, key) IN (
    SELECT tenant_id, kind, key FROM findings WHERE closed_at < ?1 LIMIT ?2
)
RETURNING 1;

-- name: forget_consents
DELETE FROM consents
WHERE ticket_digest IN (SELECT ticket_digest FROM consents WHERE expires_at < ?1 LIMIT ?2)
RETURNING 1;

-- name: words_after
SELECT entry.seq, tenants.name, entry.at, entry.object_type, words.description IS NOT NULL
FROM journal AS entry
CROSS JOIN tenants
INNER JOIN journal_words AS words ON entry.seq = words.seq
WHERE entry.seq > ?1 AND tenants.id = entry.tenant_id
ORDER BY entry.seq
LIMIT ?2;
