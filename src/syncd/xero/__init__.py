"""The wing that speaks Xero: bytes on one side, our own words on the other.

| room | says |
| --- | --- |
| `wire`, `wire_invoices`, `wire_contacts`, `wire_settings` | what the bytes mean |
| `faults` | which error an answer is |
| `quota` | how much may be asked, and when |
| `client` | one call, from allowance to verdict |
| `ledger` | the Ledger port: reads that say what they saw, writes that say what came |
| `oauth` | consent, tokens and connections |
"""
