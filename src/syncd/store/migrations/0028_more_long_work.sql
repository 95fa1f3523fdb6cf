-- Slow work of two more kinds: the chain checked, webhooks worked through once more. Which kinds there
-- are is the model's to say (domain.model.long_work), not the table's.

CREATE TABLE long_works_anew (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind <> ''),
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    asked_by TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    result TEXT,
    text TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'running') = (ended_at IS NULL)),
    CHECK (state <> 'done' OR result IS NOT NULL)
) STRICT;

INSERT INTO long_works_anew (
    id, tenant_id, kind, state, asked_by, began_at, ended_at, result, text
)
SELECT id, tenant_id, kind, state, asked_by, began_at, ended_at, result, text FROM long_works;

DROP TABLE long_works;

ALTER TABLE long_works_anew RENAME TO long_works;

CREATE INDEX long_works_by_tenant ON long_works (tenant_id, id);
CREATE UNIQUE INDEX long_works_one_of_a_kind ON long_works (tenant_id, kind)
WHERE state = 'running';
