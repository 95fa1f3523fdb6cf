-- Which topics were released while a job was leased. Whoever settles a job as held on reads from
-- before such a release has missed it: `settle` compares with what was newest when it was claimed.
-- `seq` only rises, also after rows are forgotten.
CREATE TABLE releases (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    topic TEXT NOT NULL,
    UNIQUE (tenant_id, topic)
) STRICT;

ALTER TABLE jobs ADD COLUMN claimed_release INTEGER NOT NULL DEFAULT 0;
