"""Which permissions syncd asks Xero for, and which of them a grant lacks.

Called by `oauth`. Apps made since March 2026 know granular names only; the broad ones end in
September 2027 (facts §1.3). Least that is needed: payments and settings are only read.
"""

from __future__ import annotations

from collections.abc import Sequence

OFFLINE = "offline_access"
GRANULAR = (
    OFFLINE,
    "accounting.invoices",
    "accounting.contacts",
    "accounting.payments.read",
    "accounting.settings.read",
)
BROAD = (
    OFFLINE,
    "accounting.transactions",
    "accounting.contacts",
    "accounting.settings.read",
)
PROFILES = {"granular": GRANULAR, "broad": BROAD}
"""What may stand in the configuration instead of a list."""

_BROAD_NAME = "accounting.transactions"
_COVERED_BY_BROAD = ("accounting.invoices", "accounting.payments", "accounting.banktransactions")


def missing(wanted: Sequence[str], granted: Sequence[str]) -> tuple[str, ...]:
    """The scopes of `wanted` no scope of `granted` covers, in their order.

    `offline_access` is never missed: a grant without it shows by bringing no refresh token.
    """
    return tuple(
        scope
        for scope in wanted
        if scope != OFFLINE and not any(one in granted for one in _covering(scope))
    )


def lacking(asked: Sequence[str]) -> tuple[str, ...]:
    """What syncd cannot do without and a list of scopes to ask for does not cover."""
    offline = () if OFFLINE in asked else (OFFLINE,)
    return (*offline, *missing(GRANULAR, asked))


def _covering(scope: str) -> tuple[str, ...]:
    """Every scope that permits what `scope` does: writing covers reading, broad covers granular."""
    base = scope.removesuffix(".read")
    names = (base, _BROAD_NAME) if base in _COVERED_BY_BROAD else (base,)
    if base == _BROAD_NAME:
        names = (base,)
    return names if scope == base else (*names, *(f"{name}.read" for name in names))
