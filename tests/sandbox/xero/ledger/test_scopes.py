"""Which scopes cover which calls (facts §1.3)."""

from __future__ import annotations

import pytest

from syncd.sandbox.xero.ledger import scopes


@pytest.mark.parametrize(
    ("granted", "needed", "reads", "writes"),
    [
        (["accounting.invoices"], "accounting.invoices", True, True),
        (["accounting.invoices.read"], "accounting.invoices", True, False),
        (["accounting.transactions"], "accounting.payments", True, True),
        (["accounting.transactions.read"], "accounting.invoices", True, False),
        (["accounting.transactions"], "accounting.contacts", False, False),
        (["accounting.settings.read"], "accounting.settings", True, False),
        ([], "accounting.contacts", False, False),
    ],
)
def test_scope_allows_what_it_covers(
    granted: list[str], needed: str, reads: bool, writes: bool
) -> None:
    assert scopes.allows(granted, needed, writes=False) is reads
    assert scopes.allows(granted, needed, writes=True) is writes


def test_broad_scopes_are_known_only_to_older_apps() -> None:
    asked = ["accounting.transactions", "accounting.invoices", "nonsense"]

    assert scopes.unknown(asked, broad_allowed=True) == ["nonsense"]
    assert scopes.unknown(asked, broad_allowed=False) == ["accounting.transactions", "nonsense"]
