"""The resources of the accounting API: invoices, contacts, money, settings."""
