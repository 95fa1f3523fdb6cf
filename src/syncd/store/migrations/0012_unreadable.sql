-- Findings of three more kinds: what cannot be read, in Pipeline, in its feed and in Xero. Which
-- kinds there are is the model's to say (domain.model.finding), not the table's.

CREATE TABLE findings_anew (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind <> ''),
    key TEXT NOT NULL CHECK (key <> ''),
    label TEXT NOT NULL,
    text TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL CHECK (seen_at >= opened_at),
    closed_at INTEGER,
    PRIMARY KEY (tenant_id, kind, key)
) STRICT, WITHOUT ROWID;

INSERT INTO findings_anew
SELECT tenant_id, kind, key, label, text, opened_at, seen_at, closed_at FROM findings;

DROP TABLE findings;

ALTER TABLE findings_anew RENAME TO findings;

CREATE INDEX findings_open ON findings (tenant_id, kind, key) WHERE closed_at IS NULL;
