-- What tables a store has, for whoever copies all of it into another one, and where numbers go on.
-- Statements on the tables themselves are made from what these answer, by the room.

-- name: columns
-- What is computed from others is not copied.
SELECT tables.name, columns.name, columns.pk
FROM sqlite_master AS tables
JOIN pragma_table_xinfo(tables.name) AS columns
WHERE tables.type = 'table' AND substr(tables.name, 1, 7) <> 'sqlite_' AND columns.hidden = 0
ORDER BY tables.name, columns.cid;
-- postgresql:
-- There is no sqlite_master to ask.
SELECT
    tables.relname::text, columns.attname::text,
    CASE WHEN columns.attnum = ANY (keys.indkey)
    THEN array_position(keys.indkey::int2[], columns.attnum) + 1 ELSE 0 END
FROM pg_class AS tables
JOIN pg_attribute AS columns ON columns.attrelid = tables.oid
JOIN pg_index AS keys ON keys.indrelid = tables.oid AND keys.indisprimary
WHERE
    tables.relnamespace = to_regnamespace(current_schema()::text) AND tables.relkind = 'r'
    AND columns.attnum > 0 AND NOT columns.attisdropped AND columns.attgenerated = ''
ORDER BY tables.relname, columns.attnum;

-- name: parents
SELECT tables.name, parents."table"
FROM sqlite_master AS tables
JOIN pragma_foreign_key_list(tables.name) AS parents
WHERE tables.type = 'table';
-- postgresql:
-- There is no sqlite_master to ask.
SELECT children.relname::text, parents.relname::text
FROM pg_constraint AS constraints
JOIN pg_class AS children ON children.oid = constraints.conrelid
JOIN pg_class AS parents ON parents.oid = constraints.confrelid
WHERE constraints.contype = 'f' AND children.relnamespace = to_regnamespace(current_schema());

-- name: numbers
-- Tables whose rows get a number by themselves that no row ever had before, and the last one given.
SELECT
    tables.name, coalesce((SELECT seq FROM sqlite_sequence AS given WHERE given.name = tables.name), 0)
FROM sqlite_master AS tables
WHERE tables.type = 'table' AND tables.sql LIKE '%AUTOINCREMENT%';
-- postgresql:
-- There is no sqlite_master to ask, and numbers are given by sequences.
SELECT
    tables.relname::text,
    coalesce(
        pg_sequence_last_value(
            pg_get_serial_sequence(tables.relname::text, columns.attname::text)::regclass
        ),
        0
    )
FROM pg_class AS tables
JOIN pg_attribute AS columns ON columns.attrelid = tables.oid
WHERE tables.relnamespace = to_regnamespace(current_schema()::text) AND columns.attidentity <> '';

-- name: go_on_after
INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq)
SELECT (SELECT rowid FROM sqlite_sequence WHERE name = ?1), ?1, ?2 WHERE ?2 > 0;
-- postgresql:
-- Numbers are given by sequences.
SELECT
    setval(
        pg_get_serial_sequence(tables.relname::text, columns.attname::text)::regclass,
        greatest(?2::int8, 1), ?2::int8 > 0
    )
FROM pg_class AS tables
JOIN pg_attribute AS columns ON columns.attrelid = tables.oid
WHERE
    tables.relnamespace = to_regnamespace(current_schema()::text) AND columns.attidentity <> ''
    AND tables.relname = ?1::text;

-- name: others
-- Who else has the database open; of a file, its lock tells.
SELECT '' WHERE false;
-- postgresql:
-- Sessions of another role are not told by name, but its lease is.
SELECT
    format(
        '%s, from %s', application_name,
        coalesce(host(client_addr), 'the machine of the server')
    )
FROM pg_stat_activity
WHERE
    datname = current_database() AND application_name LIKE 'syncd%'
    AND application_name <> 'syncd, reading'
    AND application_name <> current_setting('application_name')
ORDER BY backend_start
LIMIT 1;

-- name: server
SELECT 'SQLite ' || sqlite_version();
-- postgresql:
-- The server has a version of its own.
SELECT 'PostgreSQL ' || current_setting('server_version');
