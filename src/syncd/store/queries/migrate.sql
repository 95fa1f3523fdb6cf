-- The store's memory of its own migrations.

-- name: has_table
SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations';
-- postgresql:
-- There is no sqlite_master to ask.
SELECT 1 WHERE to_regclass('migrations') IS NOT NULL;

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
