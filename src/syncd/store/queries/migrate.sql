-- The store's memory of its own migrations.

-- name: has_table
SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations';
-- postgresql:
-- There is no sqlite_master to ask.
SELECT 1 WHERE to_regclass('migrations') IS NOT NULL;

-- name: anothers
-- What somebody else keeps where a store would be made, asked at one instant.
SELECT name FROM sqlite_master
WHERE
    type = 'table' AND substr(name, 1, 7) <> 'sqlite_'
    AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations')
ORDER BY name LIMIT 1;
-- postgresql:
-- Others have the rest of the database; the schema is the store's own.
SELECT relname::text FROM pg_class
WHERE
    relnamespace = to_regnamespace('syncd') AND relkind IN ('r', 'p')
    AND NOT EXISTS (
        SELECT 1 FROM pg_class AS ours
        WHERE ours.relnamespace = to_regnamespace('syncd') AND ours.relname = 'migrations'
    )
ORDER BY relname LIMIT 1;

-- name: has_schema
-- SQLite's file is the schema.
SELECT 1;
-- postgresql:
-- Somebody may have made it for a role that may make none.
SELECT 1 WHERE to_regnamespace('syncd') IS NOT NULL;

-- name: make_schema
-- SQLite's file is the schema.
SELECT 1;
-- postgresql:
-- In a database that others use too, the store has a corner of its own.
CREATE SCHEMA IF NOT EXISTS syncd;

-- name: make_table
CREATE TABLE IF NOT EXISTS migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

-- name: applied
SELECT version, name, checksum FROM migrations ORDER BY version;

-- name: record
INSERT INTO migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4);

-- name: forget
DELETE FROM migrations WHERE version = ?1;

-- name: lacking
-- Who may open a file may do everything in it.
SELECT '' WHERE false;
-- postgresql:
-- A role makes the schema and its tables, and must own them to change them later.
SELECT lacking.said FROM (
    SELECT
        CASE
            WHEN schemas.oid IS NULL AND NOT has_database_privilege(current_database(), 'CREATE')
            THEN format(
                'the role %1$s may not make the schema syncd in %2$s: '
                'GRANT CREATE ON DATABASE %2$s TO %1$s', quote_ident(current_user),
                quote_ident(current_database())
            )
            WHEN schemas.oid IS NOT NULL AND NOT pg_has_role(schemas.nspowner, 'USAGE')
            THEN format(
                'the schema syncd in %1$s belongs to the role %2$s: connect as that one, or '
                'ALTER SCHEMA syncd OWNER TO %3$s, and its tables', quote_ident(current_database()),
                quote_ident(pg_get_userbyid(schemas.nspowner)), quote_ident(current_user)
            )
        END AS said
    FROM (SELECT 1) AS one LEFT JOIN pg_namespace AS schemas ON schemas.nspname = 'syncd'
) AS lacking
WHERE lacking.said IS NOT NULL;
