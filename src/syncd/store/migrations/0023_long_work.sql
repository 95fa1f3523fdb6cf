-- Slow work that a person ordered and that outlives the request: one at a time of each kind.
CREATE TABLE long_works (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('plan', 'apply', 'report')),
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    asked_by TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    result TEXT,
    text TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'running') = (ended_at IS NULL)),
    CHECK (state <> 'done' OR result IS NOT NULL)
) STRICT;
CREATE INDEX long_works_by_tenant ON long_works (tenant_id, id);
CREATE UNIQUE INDEX long_works_one_of_a_kind ON long_works (tenant_id, kind)
WHERE state = 'running';

-- Plans by their hash, and reports by their digest, as JSON; the newest of each tenant.
CREATE TABLE kept_plans (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL CHECK (name <> ''),
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;
CREATE INDEX kept_plans_by_tenant ON kept_plans (tenant_id, id);

CREATE TABLE kept_reports (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL CHECK (name <> ''),
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    ties_out INTEGER NOT NULL CHECK (ties_out IN (0, 1)),
    reviewed_at INTEGER,
    reviewed_by TEXT,
    body BLOB NOT NULL,
    UNIQUE (tenant_id, name),
    CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL))
) STRICT;
CREATE INDEX kept_reports_by_tenant ON kept_reports (tenant_id, id);
