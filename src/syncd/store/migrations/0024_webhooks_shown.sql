-- The inbox newest first, and which changes no webhook had announced. The condition holds of every
-- notice: it keeps the index for those who ask by it, so that nobody else is led there.
CREATE INDEX inbox_by_tenant ON inbox (tenant_id, source, id) WHERE received_at > 0;

CREATE TABLE missed_changes (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    xero_id TEXT NOT NULL,
    noticed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX missed_changes_by_tenant ON missed_changes (tenant_id, id);
