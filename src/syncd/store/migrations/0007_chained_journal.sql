-- The journal as a chain. An entry carries the digest of the one before and of its own words, which
-- hang beside, so that what names a person can be erased and the chain still fits. What was
-- written before is chained as it stood at the upgrade, and numbered without gaps.
-- chain_digest and fresh_salt are functions of the driver.

DROP INDEX journal_by_object;
ALTER TABLE journal RENAME TO journal_before;

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    at INTEGER NOT NULL,
    object_type TEXT NOT NULL,
    object_key TEXT NOT NULL,
    record_type TEXT NOT NULL CHECK (record_type IN ('Create', 'Edit', 'Delete')),
    words_digest BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_object ON journal (tenant_id, object_type, object_key, seq);

-- All four NULL: erased. The salt goes with the words, so that nobody can guess them afterwards.
CREATE TABLE journal_words (
    seq INTEGER PRIMARY KEY,
    salt BLOB,
    description TEXT,
    who TEXT,
    detail BLOB,
    CHECK ((salt IS NULL) = (description IS NULL) AND (salt IS NULL) = (who IS NULL))
) STRICT;

-- How many entries there are and the digest of the newest: a tail cut off is missed here.
CREATE TABLE journal_head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    entries INTEGER NOT NULL CHECK (entries >= 0),
    digest BLOB NOT NULL
) STRICT;

INSERT INTO journal_words (seq, salt, description, who, detail)
SELECT row_number() OVER (ORDER BY seq), fresh_salt(), description, who, detail
FROM journal_before;

INSERT INTO journal (
    seq, tenant_id, at, object_type, object_key, record_type, words_digest, digest
)
WITH RECURSIVE numbered AS MATERIALIZED (
    SELECT
        row_number() OVER (ORDER BY entry.seq) AS seq,
        entry.tenant_id, tenant.name AS tenant, entry.at, entry.object_type, entry.object_key,
        entry.record_type
    FROM journal_before AS entry
    INNER JOIN tenants AS tenant ON entry.tenant_id = tenant.id
),

hung AS MATERIALIZED (
    SELECT
        numbered.*,
        chain_digest(words.salt, words.description, words.who, words.detail) AS words_digest
    FROM numbered
    INNER JOIN journal_words AS words ON numbered.seq = words.seq
),

chained AS (
    SELECT 0 AS seq, X'' AS digest
    UNION ALL
    SELECT
        hung.seq,
        chain_digest(
            chained.digest, hung.seq, hung.tenant, hung.at, hung.object_type, hung.object_key,
            hung.record_type, hung.words_digest
        )
    FROM chained
    INNER JOIN hung ON hung.seq = chained.seq + 1
)

SELECT
    hung.seq, hung.tenant_id, hung.at, hung.object_type, hung.object_key, hung.record_type,
    hung.words_digest, chained.digest
FROM chained
INNER JOIN hung ON chained.seq = hung.seq
ORDER BY hung.seq;

INSERT INTO journal_head (only_row, entries, digest)
SELECT 1, count(*), coalesce((SELECT digest FROM journal ORDER BY seq DESC LIMIT 1), X'')
FROM journal;

DROP TABLE journal_before;
