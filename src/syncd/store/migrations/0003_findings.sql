-- What sweeps remember, and what they found.

-- How far each sweep of a tenant has come. `memory` is its own JSON; it moves in the transaction
-- that stores what it brought. An order raises `wanted_seq`; a sweep serves those from before it
-- began.
CREATE TABLE sweeps (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    task TEXT NOT NULL
        CHECK (task IN ('review', 'invoices', 'contacts', 'settings', 'full', 'rotation')),
    memory TEXT,
    is_under_way INTEGER NOT NULL DEFAULT 0 CHECK (is_under_way IN (0, 1)),
    wanted_seq INTEGER NOT NULL DEFAULT 0,
    began_seq INTEGER NOT NULL DEFAULT 0,
    served_seq INTEGER NOT NULL DEFAULT 0 CHECK (served_seq <= began_seq),
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, task)
) STRICT, WITHOUT ROWID;

-- What Xero last showed of a document or contact of ours: narrow, so that a hundred thousand are
-- compared page by page. `face` and `money` as rules.glance writes them; `full_at` is when it was
-- last read in full, `run` the full sweep that saw it last.
CREATE TABLE glances (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    xero_id TEXT NOT NULL CHECK (xero_id <> ''),
    updated_at INTEGER NOT NULL,
    face TEXT NOT NULL,
    money TEXT NOT NULL,
    dated_on TEXT NOT NULL,
    full_at INTEGER,
    run INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, xero_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX glances_by_full ON glances (tenant_id, full_at);

-- Changes found by a sweep, until a webhook has announced them or should have.
CREATE TABLE unannounced (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    xero_id TEXT NOT NULL CHECK (xero_id <> ''),
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, xero_id)
) STRICT, WITHOUT ROWID;

-- What people should know of. A row stays when its finding is closed, and is opened again.
CREATE TABLE findings (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'missing', 'extra', 'differing', 'paid_unpaid_mismatch', 'duplicate_suspected', 'stranger',
        'unlinked_contact', 'contacts_merged', 'contact_kept', 'missed_webhook'
    )),
    key TEXT NOT NULL CHECK (key <> ''),
    label TEXT NOT NULL,
    text TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL CHECK (seen_at >= opened_at),
    closed_at INTEGER,
    PRIMARY KEY (tenant_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_open ON findings (tenant_id, kind, key) WHERE closed_at IS NULL;

-- Whether a change that a sweep found was announced is asked by document.
CREATE INDEX inbox_by_resource ON inbox (resource_id, happened_at);
