-- `cursors` held ten unrelated things under names; each gets a column or a table of its own.

-- Since when a tenant is paused, and by whom.
ALTER TABLE tenants ADD COLUMN paused_at INTEGER;
ALTER TABLE tenants ADD COLUMN paused_by TEXT;

-- What has set the tenant live though its configuration says `observe`; NULL: nothing.
ALTER TABLE tenants ADD COLUMN started_by TEXT;

-- The digest of the choices that were decided by last.
ALTER TABLE tenants ADD COLUMN choices TEXT;

-- From which day on invoices were taken in last, '' for all of them; NULL: none were.
ALTER TABLE tenants ADD COLUMN start_date TEXT;

UPDATE tenants SET
    paused_at = (SELECT moved_at FROM cursors WHERE tenant_id = id AND name = 'paused'),
    paused_by = (SELECT value FROM cursors WHERE tenant_id = id AND name = 'paused'),
    started_by = (SELECT value FROM cursors WHERE tenant_id = id AND name = 'started_by_plan'),
    choices = (SELECT value FROM cursors WHERE tenant_id = id AND name = 'choices'),
    start_date = (SELECT value FROM cursors WHERE tenant_id = id AND name = 'start_date');

-- Since when a person doubts what was read.
ALTER TABLE settings ADD COLUMN doubted_at INTEGER;

UPDATE settings SET doubted_at = (
    SELECT moved_at FROM cursors
    WHERE cursors.tenant_id = settings.tenant_id AND name = 'settings_doubted'
);

-- How far each tenant's feed of Pipeline was read, and when it was last begun again. A feed that
-- is behind a restore was not read to its end since.
CREATE TABLE feeds (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    cursor TEXT,
    moved_at INTEGER,
    began_again_at INTEGER,
    is_behind_restore INTEGER NOT NULL DEFAULT 0 CHECK (is_behind_restore IN (0, 1)),
    CHECK ((cursor IS NULL) = (moved_at IS NULL))
) STRICT;

INSERT INTO feeds (tenant_id, cursor, moved_at, began_again_at, is_behind_restore)
SELECT
    tenant_id,
    max(value) FILTER (WHERE name = 'pipeline_feed'),
    max(moved_at) FILTER (WHERE name = 'pipeline_feed'),
    max(moved_at) FILTER (WHERE name = 'pipeline_feed_began_again'),
    max(name = 'feed_since_restore')
FROM cursors
WHERE name IN ('pipeline_feed', 'pipeline_feed_began_again', 'feed_since_restore')
GROUP BY tenant_id;

-- How far a reconnected tenant has read what moved in Xero while it was away.
CREATE TABLE catch_ups (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    step TEXT NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT;

INSERT INTO catch_ups (tenant_id, step, moved_at)
SELECT tenant_id, value, moved_at FROM cursors WHERE name = 'catch_up';

-- Which contact a person wants for a customer, as JSON, until the link stands.
CREATE TABLE link_requests (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    key TEXT NOT NULL CHECK (key <> ''),
    body BLOB NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT, WITHOUT ROWID;

INSERT INTO link_requests (tenant_id, key, body)
SELECT tenant_id, substr(name, 14), CAST(value AS BLOB) FROM cursors
WHERE name GLOB 'contact_wish:?*';

-- Plans that were carried out, by their hash.
CREATE TABLE applied_plans (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    hash TEXT NOT NULL CHECK (hash <> ''),
    made_at TEXT NOT NULL,
    applied_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hash)
) STRICT, WITHOUT ROWID;

INSERT INTO applied_plans (tenant_id, hash, made_at, applied_at)
SELECT tenant_id, substr(name, 14), value, moved_at FROM cursors
WHERE name GLOB 'plan_applied:?*';

-- What remains was written by nobody we know. Nothing reads it; it is kept for whoever asks.
DELETE FROM cursors
WHERE name IN (
        'paused', 'started_by_plan', 'choices', 'start_date', 'settings_doubted', 'pipeline_feed',
        'pipeline_feed_began_again', 'feed_since_restore', 'catch_up'
    )
    OR name GLOB 'contact_wish:?*'
    OR name GLOB 'plan_applied:?*';
ALTER TABLE cursors RENAME TO unknown_cursors;
