"""Each tenant's connection to Xero: consent, tokens and their refresh, the gate before all work."""
