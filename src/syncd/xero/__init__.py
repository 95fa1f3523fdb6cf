"""The adapter that speaks Xero: bytes on one side, our own words on the other.

| room | says |
| --- | --- |
| `wire`, `wire_invoices`, `wire_contacts`, `wire_settings` | what the bytes mean |
| `faults` | which error an answer is |
| `quota`, `breaker` | how much may be asked, and when |
| `client` | one call, from allowance to verdict |
| `listing`, `where` | how lists are asked for and read to their end |
| `answers` | what a write's answer says of each element |
| `ledger`, `ledger_reads`, `ledger_writes` | the Ledger port |
| `oauth`, `scopes`, `token_answers` | consent, tokens and connections |
"""
