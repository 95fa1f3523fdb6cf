-- The ground of the store. Instants are integer milliseconds since the epoch, UTC; money is exact
-- text inside JSON bodies; identifiers of both systems are texts as they come. STRICT throughout.

CREATE TABLE installation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    id TEXT NOT NULL CHECK (length(id) >= 8),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tenants (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    mode TEXT NOT NULL DEFAULT 'observe' CHECK (mode IN ('observe', 'live')),
    is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1))
) STRICT;

-- Who may call Xero for a tenant. Tokens are sealed; the state's words are the product's.
CREATE TABLE connections (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    state TEXT NOT NULL CHECK (state IN ('Not Connected', 'Connected', 'TOKEN_EXPIRED')),
    organisation_id TEXT,
    organisation_name TEXT,
    connection_id TEXT,
    connected_at INTEGER,
    generation INTEGER NOT NULL DEFAULT 0,
    sealed_access BLOB,
    access_expires_at INTEGER,
    sealed_refresh BLOB,
    refresh_issued_at INTEGER,
    refresh_started_at INTEGER,
    refresh_failed_since INTEGER,
    scopes TEXT,
    note TEXT,
    CHECK (state <> 'Connected' OR (organisation_id IS NOT NULL AND sealed_refresh IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX connections_one_organisation_one_tenant
    ON connections (organisation_id) WHERE state = 'Connected';

-- A consent under way: the ticket (by digest) leads to a state (by digest) and a sealed verifier.
CREATE TABLE consents (
    ticket_digest TEXT PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    state_digest TEXT UNIQUE,
    sealed_verifier BLOB,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    opened_at INTEGER,
    used_at INTEGER
) STRICT;

CREATE TABLE cursors (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    moved_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    body BLOB NOT NULL,
    read_at INTEGER NOT NULL
) STRICT;

-- What Pipeline wants: the newest version of each object; the whole object apart, in bodies.
CREATE TABLE desired (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'customer')),
    key TEXT NOT NULL CHECK (key <> ''),
    version INTEGER NOT NULL CHECK (version >= 1),
    is_withdrawn INTEGER NOT NULL CHECK (is_withdrawn IN (0, 1)),
    label TEXT NOT NULL,
    parent TEXT,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    problem TEXT,
    body BLOB,
    PRIMARY KEY (tenant_id, kind, key),
    CHECK (is_withdrawn = 1 OR body IS NOT NULL OR problem IS NOT NULL)
) STRICT;
CREATE INDEX desired_by_label ON desired (tenant_id, kind, label, key);
CREATE INDEX desired_by_parent ON desired (tenant_id, kind, parent);

-- The queue: one row per (tenant, kind, key), for ever.
CREATE TABLE jobs (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('push_invoice', 'push_customer')),
    key TEXT NOT NULL CHECK (key <> ''),
    state TEXT NOT NULL
        CHECK (state IN ('ready', 'leased', 'held', 'uncertain', 'done', 'failed')),
    wanted_seq INTEGER NOT NULL CHECK (wanted_seq >= 1),
    claimed_seq INTEGER NOT NULL DEFAULT 0 CHECK (claimed_seq <= wanted_seq),
    attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    ready_at INTEGER,
    first_wanted_at INTEGER NOT NULL,
    leased_by TEXT,
    leased_until INTEGER,
    reason TEXT,
    note TEXT,
    is_out_of_sync INTEGER NOT NULL DEFAULT 0 CHECK (is_out_of_sync IN (0, 1)),
    is_voided INTEGER NOT NULL DEFAULT 0 CHECK (is_voided IN (0, 1)),
    settled_at INTEGER,
    PRIMARY KEY (tenant_id, kind, key),
    CHECK ((state = 'leased') = (leased_by IS NOT NULL AND leased_until IS NOT NULL)),
    CHECK (state NOT IN ('ready', 'held', 'uncertain') OR ready_at IS NOT NULL),
    CHECK (state <> 'held' OR reason IS NOT NULL OR is_out_of_sync = 1),
    CHECK (state <> 'failed' OR note IS NOT NULL),
    CHECK (state <> 'done' OR claimed_seq = wanted_seq)
) STRICT;
CREATE INDEX jobs_ready ON jobs (tenant_id, kind, ready_at) WHERE state = 'ready';
CREATE INDEX jobs_held ON jobs (tenant_id, ready_at) WHERE state = 'held';
CREATE INDEX jobs_uncertain ON jobs (tenant_id, ready_at) WHERE state = 'uncertain';
CREATE INDEX jobs_leased ON jobs (leased_by) WHERE state = 'leased';

-- What people see of a job. A held job that is looked at again keeps its reason until it settles,
-- so that its state does not flicker with every recheck.
CREATE VIEW public_jobs AS
SELECT
    tenant_id, kind, key, state, attempt, ready_at, first_wanted_at, reason, note, settled_at,
    CASE
        WHEN state = 'uncertain' THEN 'uncertain'
        WHEN state = 'failed' THEN 'failed'
        WHEN state = 'done' THEN iif(is_voided = 1, 'voided', 'synced')
        WHEN is_out_of_sync = 1 THEN 'out_of_sync'
        WHEN reason IS NOT NULL THEN 'waiting'
        ELSE 'pending'
    END AS public_state
FROM jobs;

-- What a settled job shows beside its note (differences, objections, candidates), as JSON; apart,
-- so that the queue stays narrow.
CREATE TABLE details (
    tenant_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, key),
    FOREIGN KEY (tenant_id, kind, key) REFERENCES jobs (tenant_id, kind, key)
) STRICT;

-- What releases a held job, besides its clock and a new Pipeline version: the topics of
-- rules.holds, matched by equality when their event comes.
CREATE TABLE predicates (
    tenant_id INTEGER NOT NULL,
    predicate TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (tenant_id, predicate, kind, key),
    FOREIGN KEY (tenant_id, kind, key) REFERENCES jobs (tenant_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX predicates_by_job ON predicates (tenant_id, kind, key);

-- Which Pipeline object stands as which Xero document, and what both showed when they agreed.
CREATE TABLE links (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'customer')),
    key TEXT NOT NULL CHECK (key <> ''),
    xero_id TEXT NOT NULL CHECK (xero_id <> ''),
    is_ours INTEGER NOT NULL CHECK (is_ours IN (0, 1)),
    merged_to TEXT,
    base BLOB,
    synced_version INTEGER,
    xero_status TEXT NOT NULL,
    xero_number TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    based_at INTEGER,
    PRIMARY KEY (tenant_id, kind, key),
    CHECK ((base IS NULL) = (based_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX links_one_to_one ON links (tenant_id, kind, xero_id) WHERE merged_to IS NULL;

-- Every write call to Xero, down to its bytes, on paper before the first of them leaves.
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    idempotency_key TEXT NOT NULL UNIQUE CHECK (length(idempotency_key) BETWEEN 8 AND 128),
    operation TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('PUT', 'POST')),
    target TEXT NOT NULL,
    elements INTEGER NOT NULL CHECK (elements >= 1),
    body BLOB,
    opened_at INTEGER NOT NULL,
    first_sent_at INTEGER NOT NULL,
    last_sent_at INTEGER NOT NULL CHECK (last_sent_at >= first_sent_at),
    sends INTEGER NOT NULL DEFAULT 1 CHECK (sends >= 1),
    closed_at INTEGER,
    CHECK (closed_at IS NOT NULL OR body IS NOT NULL)
) STRICT;
CREATE INDEX calls_open ON calls (tenant_id) WHERE closed_at IS NULL;

-- One intent per element of a call: what we meant, and what we knew when we meant it.
CREATE TABLE intents (
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
    body BLOB NOT NULL,
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (step = 'create' OR xero_id IS NOT NULL),
    UNIQUE (call_id, element)
) STRICT;
CREATE UNIQUE INDEX intents_one_open ON intents (tenant_id, kind, key) WHERE state = 'open';
CREATE INDEX intents_by_key ON intents (tenant_id, kind, key, id);

-- What Pipeline is to be told: the newest content per key, sent until it stands there.
CREATE TABLE results (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'payment', 'customer')),
    key TEXT NOT NULL CHECK (key <> ''),
    part TEXT NOT NULL DEFAULT '',
    content BLOB NOT NULL,
    wanted_seq INTEGER NOT NULL CHECK (wanted_seq >= 1),
    sent_seq INTEGER NOT NULL DEFAULT 0 CHECK (sent_seq <= wanted_seq),
    revision INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    ready_at INTEGER NOT NULL,
    note TEXT,
    PRIMARY KEY (tenant_id, kind, key, part)
) STRICT;
CREATE INDEX results_unsent ON results (tenant_id, ready_at) WHERE sent_seq < wanted_seq;

-- The audit trail in the product's shape; `digest` chains each entry to the one before it.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    at INTEGER NOT NULL,
    object_type TEXT NOT NULL,
    object_key TEXT NOT NULL,
    record_type TEXT NOT NULL CHECK (record_type IN ('Create', 'Edit', 'Delete')),
    description TEXT NOT NULL,
    who TEXT NOT NULL,
    detail BLOB,
    digest TEXT
) STRICT;
CREATE INDEX journal_by_object ON journal (tenant_id, object_type, object_key, seq);
