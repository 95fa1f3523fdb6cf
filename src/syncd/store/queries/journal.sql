-- The audit trail: append-only, each entry carrying the digest of the one before. Words hang
-- beside by digest; erasing them is the one change there is.

-- name: add_words
-- ?1 is the entry's place in its batch, from 1.
INSERT INTO journal_words (seq, salt, description, who, detail)
VALUES ((SELECT entries FROM journal_head) + ?1, fresh_salt(), ?2, ?3, ?4);

-- name: append
-- The head stays where it was until the batch is whole; an entry's predecessor is read by its
-- number. chain_digest and fresh_salt are the driver's own functions; the OFFSET keeps the digest of
-- the words from being made twice, where it is stored and where it is chained.
WITH place AS (
    SELECT
        head.entries + ?1 AS seq, words.salt, words.description, words.who, words.detail,
        CASE ?1 WHEN 1 THEN head.digest ELSE (
            SELECT digest FROM journal WHERE seq = head.entries + ?1 - 1
        ) END AS before
    FROM journal_head AS head
    INNER JOIN journal_words AS words ON words.seq = head.entries + ?1
),

hung AS (
    SELECT seq, before, chain_digest(salt, description, who, detail) AS words_digest FROM place
    LIMIT 1 OFFSET 0
)

INSERT INTO journal (
    seq, tenant_id, at, object_type, object_key, record_type, words_digest, digest
)
SELECT
    seq, (SELECT id FROM tenants WHERE name = ?2), ?3, ?4, ?5, ?6, words_digest,
    chain_digest(before, seq, ?2, ?3, ?4, ?5, ?6, words_digest)
FROM hung;

-- name: move_head
UPDATE journal_head
SET
    entries = entries + ?1,
    digest = (SELECT digest FROM journal WHERE seq = journal_head.entries + ?1);

-- name: head
SELECT entries, digest FROM journal_head;

-- name: of_object
SELECT
    entry.seq, (SELECT name FROM tenants WHERE id = entry.tenant_id), entry.at, entry.object_type,
    entry.object_key, entry.record_type, words.description, words.who, words.detail
FROM journal AS entry
LEFT JOIN journal_words AS words ON entry.seq = words.seq
WHERE entry.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND entry.object_type = ?2
    AND entry.object_key = ?3 AND entry.seq < ?4
ORDER BY entry.seq DESC
LIMIT ?5;

-- name: since
SELECT
    entry.seq, (SELECT name FROM tenants WHERE id = entry.tenant_id), entry.at, entry.object_type,
    entry.object_key, entry.record_type, words.description, words.who, words.detail
FROM journal AS entry
LEFT JOIN journal_words AS words ON entry.seq = words.seq
WHERE entry.seq > ?1
ORDER BY entry.seq
LIMIT ?2;

-- name: narrowed
-- A tenant's entries from ?2 on and below ?3, newest first, of what is asked for: read by number, so
-- that no more of the journal is looked at than lies between.
SELECT
    entry.seq, (SELECT name FROM tenants WHERE id = entry.tenant_id), entry.at, entry.object_type,
    entry.object_key, entry.record_type, words.description, words.who, words.detail
FROM journal AS entry NOT INDEXED
LEFT JOIN journal_words AS words ON entry.seq = words.seq
WHERE entry.seq >= ?2 AND entry.seq < ?3
    AND entry.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND (CAST(?4 AS TEXT) IS NULL OR entry.object_type = ?4)
    AND (CAST(?5 AS TEXT) IS NULL OR entry.object_key = ?5)
    AND (CAST(?6 AS TEXT) IS NULL OR words.who = ?6)
ORDER BY entry.seq DESC
LIMIT ?7;

-- name: verification_rows
-- Every entry after ?1 as it is, beside what it should be. The digest before the first of a page
-- is read from the entry ?1, which an earlier page has verified.
SELECT
    entry.seq,
    lag(entry.seq, 1, ?1) OVER (ORDER BY entry.seq),
    entry.digest = chain_digest(
        lag(entry.digest, 1, coalesce((SELECT digest FROM journal WHERE seq = ?1), CAST('' AS BLOB)))
            OVER (ORDER BY entry.seq),
        entry.seq, (SELECT name FROM tenants WHERE id = entry.tenant_id), entry.at,
        entry.object_type, entry.object_key, entry.record_type, entry.words_digest
    ),
    CASE
        WHEN words.seq IS NULL THEN 'gone'
        WHEN words.salt IS NULL AND words.description IS NULL AND words.who IS NULL
            AND words.detail IS NULL THEN 'erased'
        WHEN entry.words_digest = chain_digest(
            words.salt, words.description, words.who, words.detail
        ) THEN 'fit'
        ELSE 'changed'
    END,
    entry.digest
FROM journal AS entry
LEFT JOIN journal_words AS words ON entry.seq = words.seq
WHERE entry.seq > ?1
ORDER BY entry.seq
LIMIT ?2;

-- name: text_without_entry
-- Words without an entry: nothing was ever written so.
SELECT words.seq
FROM journal_words AS words
LEFT JOIN journal AS entry ON words.seq = entry.seq
WHERE words.seq > ?1 AND words.seq <= ?2 AND entry.seq IS NULL
ORDER BY words.seq
LIMIT 1;

-- name: digest_at
SELECT digest FROM journal WHERE seq = ?1;

-- name: erasures
SELECT words.detail
FROM tenants
INNER JOIN journal AS entry ON entry.tenant_id = tenants.id
INNER JOIN journal_words AS words ON entry.seq = words.seq
WHERE entry.object_type = ?1 AND entry.record_type = ?2 AND words.detail IS NOT NULL
ORDER BY entry.seq;

-- name: to_erase
-- What names a person or an object and has words yet. What the journal says of itself stays.
SELECT entry.seq
FROM journal AS entry
INNER JOIN journal_words AS words ON entry.seq = words.seq
WHERE entry.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND entry.object_type <> ?5
    AND words.description IS NOT NULL
    AND (CAST(?2 AS TEXT) IS NULL OR (entry.object_type = ?2 AND entry.object_key = ?3))
    AND (
        CAST(?4 AS TEXT) IS NULL OR words.who = ?4 OR instr(words.description, ?4) > 0
        OR instr(coalesce(CAST(words.detail AS TEXT), ''), ?4) > 0
    )
ORDER BY entry.seq;

-- name: erase
UPDATE journal_words
SET salt = NULL, description = NULL, who = NULL, detail = NULL
WHERE seq IN (SELECT CAST(value AS INTEGER) FROM json_each(?1));
