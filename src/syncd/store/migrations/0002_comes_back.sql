-- What comes back: notices from outside, and what was last seen of an invoice's money in Xero.

-- Every notice as it came, once; only those still new have work left in them. `scope` is Xero's
-- organisation, or the Pipeline tenant. A tenant_id that is NULL belongs to nobody we know.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER REFERENCES tenants (id),
    source TEXT NOT NULL CHECK (source IN ('xero', 'pipeline')),
    scope TEXT NOT NULL,
    category TEXT NOT NULL,
    event TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'done', 'ignored')),
    verdict TEXT,
    settled_at INTEGER,
    CHECK ((state = 'new') = (settled_at IS NULL)),
    CHECK (state = 'new' OR verdict IS NOT NULL),
    CHECK (state <> 'new' OR tenant_id IS NOT NULL),
    -- The running count comes first: so a group's rows are neighbours, and a commit is few pages.
    UNIQUE (sequence, happened_at, resource_id, category, event, scope)
) STRICT;
CREATE INDEX inbox_new ON inbox (tenant_id, id) WHERE state = 'new';

-- The running count of Xero's webhook: how far it was seen, and what is missing below.
CREATE TABLE webhook_counts (
    source TEXT PRIMARY KEY,
    highest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_gaps (
    source TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last >= first),
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (source, first)
) STRICT, WITHOUT ROWID;

-- What Xero last showed of an invoice's money, and the stamp our own last write put on it there.
CREATE TABLE sights (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    key TEXT NOT NULL CHECK (key <> ''),
    own_updated_at INTEGER,
    read_at INTEGER,
    amount_paid TEXT,
    amount_credited TEXT,
    amount_due TEXT,
    fully_paid_on TEXT,
    PRIMARY KEY (tenant_id, key),
    CHECK ((read_at IS NULL) = (amount_due IS NULL))
) STRICT, WITHOUT ROWID;
