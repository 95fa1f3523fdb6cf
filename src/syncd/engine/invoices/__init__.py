"""Invoices go to Xero: loaded, decided, sent, and settled by what was answered."""
