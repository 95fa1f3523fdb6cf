-- What a copy of the store, and a store restored from one, have to remember. Other migrations may
-- have made the stamp already: a backup of an older store carries it too.

-- When this copy was taken; only a backup has the row.
CREATE TABLE IF NOT EXISTS backup_stamp (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    taken_at INTEGER NOT NULL
) STRICT;

-- The last restore of this store: the instant of the backup, and since when its looks read.
CREATE TABLE restored (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    taken_at INTEGER NOT NULL,
    restored_at INTEGER NOT NULL,
    look_since INTEGER NOT NULL
) STRICT;

-- How far each tenant's look has come since then; outstanding until ended_at, also without a row.
CREATE TABLE restore_looks (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    memory TEXT,
    ended_at INTEGER
) STRICT;

-- After a restore: the newest change in Xero that the base can answer for. NULL: it is verified.
ALTER TABLE links ADD COLUMN unverified_from INTEGER;

-- After a restore nobody knows what Pipeline was told last: the next put goes whatever it says.
ALTER TABLE results ADD COLUMN is_doubted INTEGER NOT NULL DEFAULT 0 CHECK (is_doubted IN (0, 1));
