-- How each tenant's last consent failed, until one ends in Connected: its card says so.
CREATE TABLE failed_consents (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    problem TEXT NOT NULL CHECK (problem <> ''),
    text TEXT NOT NULL,
    who TEXT NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT;
