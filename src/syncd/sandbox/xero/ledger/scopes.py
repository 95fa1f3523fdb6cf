"""Which scopes exist, and which one a call needs (facts §1.3).

Called by `identity` at consent and by the gateway at each call.
"""

from __future__ import annotations

_READ = ".read"
_REPORTS = (
    "aged",
    "balancesheet",
    "banksummary",
    "budgetsummary",
    "executivesummary",
    "profitandloss",
    "trialbalance",
    "taxreports",
)
_BOTH = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
    "accounting.contacts",
    "accounting.settings",
    "accounting.attachments",
)
KNOWN = frozenset(
    [
        *("openid", "profile", "email", "offline_access", "app.connections"),
        *_BOTH,
        *(each + _READ for each in _BOTH),
        *(f"accounting.reports.{each}.read" for each in _REPORTS),
        *("accounting.budgets.read", "accounting.journals.read"),
    ]
)
OF_AN_APP = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.contacts",
    "accounting.settings",
)
"""What a custom connection has when its token form names no scope (§1.9: chosen with the app)."""
BROAD = frozenset(
    ["accounting.transactions", "accounting.transactions.read", "accounting.reports.read"]
)
_REPLACED = {
    "accounting.invoices": "accounting.transactions",
    "accounting.payments": "accounting.transactions",
    "accounting.banktransactions": "accounting.transactions",
    "accounting.manualjournals": "accounting.transactions",
}


def unknown(scopes: list[str], *, broad_allowed: bool) -> list[str]:
    """The scopes an app may not ask for."""
    return [each for each in scopes if each not in KNOWN and not (broad_allowed and each in BROAD)]


def allows(granted: list[str], needed: str, *, writes: bool) -> bool:
    """Whether the granted scopes cover `needed`; a reading call is content with `.read`."""
    names = [needed, _REPLACED.get(needed, needed)]
    if not writes:
        names += [each + _READ for each in names]
    return any(each in granted for each in names)
