"""A database that tests use one after the other: a new one for each would cost 0.2 s.

`KEPT` is run once it is migrated, `AS_NEW` before each test: tables that were made later refer to
earlier ones, and are emptied first. Two tenants stay, for each table that may refer to them would
be asked (`EMPTY` takes them too); what the migrations put into others comes back.
"""

KEPT = """DO $$
DECLARE
    one RECORD;
    has_rows BOOLEAN;
BEGIN
    CREATE SCHEMA kept;
    FOR one IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'syncd'::REGNAMESPACE AND relkind = 'r'
            AND relname NOT IN ('migrations', 'tenants')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', one.relname) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('CREATE TABLE kept.%I AS TABLE %I', one.relname, one.relname);
        END IF;
    END LOOP;
END
$$"""
AS_NEW = """DO $$
DECLARE
    one RECORD;
BEGIN
    FOR one IN
        SELECT relname, relkind FROM pg_class
        WHERE relnamespace = 'syncd'::REGNAMESPACE AND relkind IN ('r', 'S')
            AND relname NOT IN ('migrations', 'tenants')
        ORDER BY oid DESC
    LOOP
        IF one.relkind = 'r' THEN
            EXECUTE format('DELETE FROM %I', one.relname);
        ELSE
            EXECUTE format('ALTER SEQUENCE %I RESTART', one.relname);
        END IF;
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'kept'::REGNAMESPACE LOOP
        EXECUTE format('INSERT INTO %I TABLE kept.%I', one.relname, one.relname);
    END LOOP;
    DELETE FROM tenants WHERE name NOT IN ('acme', 'beta');
    UPDATE tenants SET
        mode = DEFAULT, is_paused = DEFAULT, paused_at = DEFAULT, paused_by = DEFAULT,
        started_by = DEFAULT, choices = DEFAULT, start_date = DEFAULT;
END
$$"""
EMPTY = AS_NEW.replace("relname NOT IN ('migrations', 'tenants')", "relname <> 'migrations'")
