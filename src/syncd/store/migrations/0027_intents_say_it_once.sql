-- What a create means is said once: by the bytes of its call and by the version it was made of.

CREATE TABLE intents_now (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'customer')),
    key TEXT NOT NULL CHECK (key <> ''),
    call_id INTEGER NOT NULL REFERENCES calls (id),
    element INTEGER NOT NULL CHECK (element >= 0),
    step TEXT NOT NULL CHECK (step IN ('create', 'update', 'void', 'delete')),
    version INTEGER NOT NULL,
    xero_id TEXT,
    state TEXT NOT NULL
        CHECK (state IN ('open', 'applied', 'refused', 'unsent', 'abandoned')),
    was_uncertain INTEGER NOT NULL DEFAULT 0 CHECK (was_uncertain IN (0, 1)),
    was_not_unique INTEGER NOT NULL DEFAULT 0 CHECK (was_not_unique IN (0, 1)),
    clean_looks INTEGER NOT NULL DEFAULT 0 CHECK (clean_looks >= 0),
    look_at INTEGER,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    -- None: the call's bytes and the version say it, as long as it is open. One that ended without
    -- having been applied keeps what was meant here.
    body BLOB,
    -- What the codes' rates leave open of the totals, where that is anything.
    ties BLOB,
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (step = 'create' OR xero_id IS NOT NULL),
    CHECK (body IS NOT NULL OR step = 'create'),
    CHECK (body IS NOT NULL OR state NOT IN ('refused', 'abandoned')),
    UNIQUE (call_id, element)
) STRICT;
INSERT INTO intents_now (
    id, tenant_id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain,
    was_not_unique, clean_looks, look_at, opened_at, closed_at, body
)
SELECT
    id, tenant_id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain,
    was_not_unique, clean_looks, look_at, opened_at, closed_at, body
FROM intents;
DROP TABLE intents;
ALTER TABLE intents_now RENAME TO intents;
CREATE UNIQUE INDEX intents_one_open ON intents (tenant_id, kind, key) WHERE state = 'open';
CREATE INDEX intents_by_key ON intents (tenant_id, kind, key, id);

-- Versions that an open call carries and Pipeline has overwritten since.
CREATE TABLE sent_versions (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, key, version)
) STRICT, WITHOUT ROWID;

-- Whoever overwrites a version, it stays as long as a call that carries it is open.
CREATE TRIGGER sent_versions_stay
BEFORE UPDATE OF body ON desired
WHEN old.body IS NOT NULL AND EXISTS (
    SELECT 1 FROM intents
    WHERE intents.tenant_id = old.tenant_id AND intents.kind = old.kind
        AND intents.key = old.key AND intents.state = 'open' AND intents.body IS NULL
        AND intents.version = old.version
)
BEGIN
    INSERT OR IGNORE INTO sent_versions (tenant_id, kind, key, version, body)
    VALUES (old.tenant_id, old.kind, old.key, old.version, old.body);
END;
