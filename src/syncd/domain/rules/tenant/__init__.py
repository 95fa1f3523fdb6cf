"""How a tenant stands: its connection, its Pipeline, its troubles."""
