"""Xero's webhooks: bodies, signatures and their sending."""
