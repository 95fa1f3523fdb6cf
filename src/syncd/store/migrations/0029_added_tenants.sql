-- Tenants that were added while the daemon ran: their choices as JSON, their secrets sealed.
-- Those of the configuration stand there alone. A removed one loses its row here and nothing else.
CREATE TABLE added_tenants (
    tenant_id INTEGER PRIMARY KEY REFERENCES tenants (id),
    choices TEXT NOT NULL,
    sealed_secrets BLOB NOT NULL
) STRICT;
