-- Brakes: a tenant that would change too much at once is halted until a person releases it.

-- One row while the tenant is halted, with why in plain words.
CREATE TABLE brakes (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    kind TEXT NOT NULL
        CHECK (kind IN ('xero_emptied', 'pipeline_emptied', 'voids', 'money')),
    text TEXT NOT NULL,
    halted_at INTEGER NOT NULL
) STRICT;

-- What brakes count: documents let pass within the window, halted ones with what would be done, and
-- what a person released (the very same change passes uncounted). Totals change by `cents`
-- hundredths, which is exact: Xero keeps two decimals.
CREATE TABLE brake_documents (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    key TEXT NOT NULL CHECK (key <> ''),
    version INTEGER NOT NULL,
    step TEXT NOT NULL CHECK (step IN ('update', 'void', 'delete', 'absent')),
    label TEXT NOT NULL,
    xero_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    cents INTEGER NOT NULL CHECK (cents >= 0),
    state TEXT NOT NULL CHECK (state IN ('passed', 'halted', 'released')),
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key, version, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX brake_documents_by_state ON brake_documents (tenant_id, state, at);
