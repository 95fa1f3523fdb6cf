"""Customers become contacts: matched, created, changed, archived and linked."""
