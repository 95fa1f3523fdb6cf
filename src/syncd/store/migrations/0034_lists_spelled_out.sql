-- What a column may hold, compared word by word. Of a list of three or more SQLite makes a table
-- each time a row is written, which cost as much as the write itself. Nothing else changes.

-- Rows are copied in the order of their keys, so that the new index grows at its end.

-- Whoever refers to what is made anew stands aside meanwhile.
DROP VIEW objects;
DROP TRIGGER sent_versions_stay;
CREATE TABLE predicates_aside AS SELECT * FROM predicates;
CREATE TABLE details_aside AS SELECT * FROM details;
DROP TABLE predicates;
DROP TABLE details;

CREATE TABLE jobs_now (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('push_invoice', 'push_customer')),
    key TEXT NOT NULL CHECK (key <> ''),
    state TEXT NOT NULL CHECK (
        state = 'ready' OR state = 'leased' OR state = 'held' OR state = 'uncertain'
        OR state = 'done' OR state = 'failed'
    ),
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
    told_as TEXT,
    claimed_release INTEGER NOT NULL DEFAULT 0,
    carried_by TEXT,
    withheld_by TEXT,
    -- What people see of it. What is held and looked at again keeps its reason until it settles.
    public_state TEXT GENERATED ALWAYS AS (
        CASE
            WHEN state = 'uncertain' THEN 'uncertain'
            WHEN state = 'failed' THEN 'failed'
            WHEN state = 'done' THEN iif(is_voided = 1, 'voided', 'synced')
            WHEN is_out_of_sync = 1 THEN 'out_of_sync'
            WHEN reason IS NOT NULL THEN 'waiting'
            ELSE 'pending'
        END
    ) VIRTUAL,
    -- Neither on its way nor as it should be: rare, and found and counted by its index alone.
    is_exceptional INTEGER GENERATED ALWAYS AS (
        reason IS NOT NULL OR is_out_of_sync = 1 OR is_voided = 1
        OR state IN ('uncertain', 'failed')
    ) VIRTUAL,
    cause TEXT,
    trail TEXT,
    PRIMARY KEY (tenant_id, kind, key),
    CHECK ((state = 'leased') = (leased_by IS NOT NULL AND leased_until IS NOT NULL)),
    CHECK (
        (state <> 'ready' AND state <> 'held' AND state <> 'uncertain') OR ready_at IS NOT NULL
    ),
    CHECK (state <> 'held' OR reason IS NOT NULL OR is_out_of_sync = 1),
    CHECK (state <> 'failed' OR note IS NOT NULL),
    CHECK (state <> 'done' OR claimed_seq = wanted_seq)
) STRICT;
INSERT INTO jobs_now (
    tenant_id, kind, key, state, wanted_seq, claimed_seq, attempt, ready_at, first_wanted_at,
    leased_by, leased_until, reason, note, is_out_of_sync, is_voided, settled_at, told_as,
    claimed_release, carried_by, withheld_by, cause, trail
)
SELECT
    tenant_id, kind, key, state, wanted_seq, claimed_seq, attempt, ready_at, first_wanted_at,
    leased_by, leased_until, reason, note, is_out_of_sync, is_voided, settled_at, told_as,
    claimed_release, carried_by, withheld_by, cause, trail
FROM jobs
ORDER BY tenant_id, kind, key;
DROP TABLE jobs;
ALTER TABLE jobs_now RENAME TO jobs;
CREATE INDEX jobs_ready ON jobs (tenant_id, kind, ready_at) WHERE state = 'ready';
CREATE INDEX jobs_held ON jobs (tenant_id, ready_at) WHERE state = 'held';
CREATE INDEX jobs_uncertain ON jobs (tenant_id, ready_at) WHERE state = 'uncertain';
CREATE INDEX jobs_leased ON jobs (leased_by) WHERE state = 'leased';
CREATE INDEX jobs_ready_since ON jobs (tenant_id, kind, first_wanted_at)
WHERE state = 'ready' AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'));
CREATE INDEX jobs_held_since ON jobs (tenant_id, kind, first_wanted_at) WHERE state = 'held';
CREATE INDEX jobs_exceptional
ON jobs (tenant_id, kind, public_state, reason, cause, first_wanted_at, is_exceptional)
WHERE is_exceptional = 1;
CREATE TRIGGER jobs_insert AFTER INSERT ON jobs BEGIN
    INSERT INTO job_totals (tenant_id, kind, jobs) VALUES (new.tenant_id, new.kind, 1)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TABLE predicates (
    tenant_id INTEGER NOT NULL,
    predicate TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (tenant_id, predicate, kind, key),
    FOREIGN KEY (tenant_id, kind, key) REFERENCES jobs (tenant_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX predicates_by_job ON predicates (tenant_id, kind, key);
INSERT INTO predicates SELECT * FROM predicates_aside;
DROP TABLE predicates_aside;
CREATE TABLE details (
    tenant_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, key),
    FOREIGN KEY (tenant_id, kind, key) REFERENCES jobs (tenant_id, kind, key)
) STRICT;
INSERT INTO details SELECT * FROM details_aside;
DROP TABLE details_aside;

CREATE TABLE intents_now (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'customer')),
    key TEXT NOT NULL CHECK (key <> ''),
    call_id INTEGER NOT NULL REFERENCES calls (id),
    element INTEGER NOT NULL CHECK (element >= 0),
    step TEXT NOT NULL CHECK (
        step = 'create' OR step = 'update' OR step = 'void' OR step = 'delete'
    ),
    version INTEGER NOT NULL,
    xero_id TEXT,
    state TEXT NOT NULL CHECK (
        state = 'open' OR state = 'applied' OR state = 'refused' OR state = 'unsent'
        OR state = 'abandoned'
    ),
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
    was_not_unique, clean_looks, look_at, opened_at, closed_at, body, ties
)
SELECT
    id, tenant_id, kind, key, call_id, element, step, version, xero_id, state, was_uncertain,
    was_not_unique, clean_looks, look_at, opened_at, closed_at, body, ties
FROM intents;
DROP TABLE intents;
ALTER TABLE intents_now RENAME TO intents;
CREATE UNIQUE INDEX intents_one_open ON intents (tenant_id, kind, key) WHERE state = 'open';
CREATE INDEX intents_by_key ON intents (tenant_id, kind, key, id);

CREATE TABLE results_now (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind = 'invoice' OR kind = 'payment' OR kind = 'customer'),
    key TEXT NOT NULL CHECK (key <> ''),
    part TEXT NOT NULL DEFAULT '',
    content BLOB NOT NULL,
    wanted_seq INTEGER NOT NULL CHECK (wanted_seq >= 1),
    sent_seq INTEGER NOT NULL DEFAULT 0 CHECK (sent_seq <= wanted_seq),
    revision INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    ready_at INTEGER NOT NULL,
    note TEXT,
    is_doubted INTEGER NOT NULL DEFAULT 0 CHECK (is_doubted IN (0, 1)),
    PRIMARY KEY (tenant_id, kind, key, part)
) STRICT;
INSERT INTO results_now (
    tenant_id, kind, key, part, content, wanted_seq, sent_seq, revision, attempt, ready_at, note,
    is_doubted
)
SELECT
    tenant_id, kind, key, part, content, wanted_seq, sent_seq, revision, attempt, ready_at, note,
    is_doubted
FROM results
ORDER BY tenant_id, kind, key, part;
DROP TABLE results;
ALTER TABLE results_now RENAME TO results;
CREATE INDEX results_unsent ON results (tenant_id, ready_at) WHERE sent_seq < wanted_seq;

CREATE TABLE journal_now (
    seq INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    at INTEGER NOT NULL,
    object_type TEXT NOT NULL,
    object_key TEXT NOT NULL,
    record_type TEXT NOT NULL CHECK (
        record_type = 'Create' OR record_type = 'Edit' OR record_type = 'Delete'
    ),
    words_digest BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
INSERT INTO journal_now (
    seq, tenant_id, at, object_type, object_key, record_type, words_digest, digest
)
SELECT seq, tenant_id, at, object_type, object_key, record_type, words_digest, digest
FROM journal;
DROP TABLE journal;
ALTER TABLE journal_now RENAME TO journal;
CREATE INDEX journal_by_object ON journal (tenant_id, object_type, object_key, seq);

CREATE TABLE inbox_now (
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
    state TEXT NOT NULL CHECK (state = 'new' OR state = 'done' OR state = 'ignored'),
    verdict TEXT,
    settled_at INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    again_at INTEGER,
    CHECK ((state = 'new') = (settled_at IS NULL)),
    CHECK (state = 'new' OR verdict IS NOT NULL),
    CHECK (state <> 'new' OR tenant_id IS NOT NULL),
    -- The running count comes first: so a group's rows are neighbours, and a commit is few pages.
    UNIQUE (sequence, happened_at, resource_id, category, event, scope)
) STRICT;
INSERT INTO inbox_now (
    id, tenant_id, source, scope, category, event, resource_id, resource_type, happened_at,
    sequence, received_at, state, verdict, settled_at, tries, again_at
)
SELECT
    id, tenant_id, source, scope, category, event, resource_id, resource_type, happened_at,
    sequence, received_at, state, verdict, settled_at, tries, again_at
FROM inbox;
DROP TABLE inbox;
ALTER TABLE inbox_now RENAME TO inbox;
CREATE INDEX inbox_new ON inbox (tenant_id, id) WHERE state = 'new';
CREATE INDEX inbox_by_instant ON inbox (happened_at);
CREATE INDEX inbox_by_tenant ON inbox (tenant_id, source, id) WHERE received_at > 0;

CREATE TABLE brake_documents_now (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    key TEXT NOT NULL CHECK (key <> ''),
    version INTEGER NOT NULL,
    step TEXT NOT NULL CHECK (
        step = 'update' OR step = 'void' OR step = 'delete' OR step = 'absent'
    ),
    label TEXT NOT NULL,
    xero_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    cents INTEGER NOT NULL CHECK (cents >= 0),
    state TEXT NOT NULL CHECK (state = 'passed' OR state = 'halted' OR state = 'released'),
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key, version, step)
) STRICT, WITHOUT ROWID;
INSERT INTO brake_documents_now (
    tenant_id, key, version, step, label, xero_id, currency, cents, state, at
)
SELECT tenant_id, key, version, step, label, xero_id, currency, cents, state, at
FROM brake_documents;
DROP TABLE brake_documents;
ALTER TABLE brake_documents_now RENAME TO brake_documents;
CREATE INDEX brake_documents_by_state ON brake_documents (tenant_id, state, at);

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

CREATE VIEW objects AS
SELECT
    desired.tenant_id, desired.kind,
    desired.key, desired.label, desired.version, desired.is_withdrawn, desired.changed_at,
    desired.changed_by, desired.problem,
    jobs.public_state, jobs.reason, jobs.cause, jobs.note, jobs.attempt, jobs.ready_at,
    jobs.first_wanted_at, jobs.settled_at,
    links.xero_id, links.xero_status, links.xero_number, links.synced_version, links.seen_at,
    details.body
FROM desired
CROSS JOIN jobs
    ON jobs.tenant_id = desired.tenant_id AND jobs.key = desired.key
    AND jobs.kind = 'push_' || desired.kind
LEFT JOIN links
    ON links.tenant_id = desired.tenant_id AND links.kind = desired.kind
    AND links.key = desired.key
LEFT JOIN details
    ON details.tenant_id = desired.tenant_id AND details.key = desired.key
    AND details.kind = jobs.kind;
