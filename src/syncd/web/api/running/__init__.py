"""How the daemon itself stands: what it has planned, what webhooks brought, what is in force."""
