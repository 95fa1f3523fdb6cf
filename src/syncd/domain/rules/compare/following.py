"""Which differences follow from others: totals, where a line of the same side explains them.

Pure. Called where differences are shown, so that what people changed stands first.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.result import Difference, MovedBy

TOTALS = ("nett", "tax", "total")
_AMOUNTS = ("quantity", "unitAmount", "discountPercent", "taxType", "taxRate", "lineAmountTypes")
_SIDES = {
    MovedBy.PIPELINE: {MovedBy.PIPELINE},
    MovedBy.XERO: {MovedBy.XERO},
    MovedBy.BOTH: {MovedBy.PIPELINE, MovedBy.XERO},
}


def followers(differences: Sequence[Difference]) -> frozenset[str]:
    """The fields of those that follow."""
    explained: set[MovedBy] = set()
    for one in differences:
        if one.moved_by is not None and _is_amount(one.field):
            explained |= _SIDES[one.moved_by]
    return frozenset(
        one.field
        for one in differences
        if one.field in TOTALS and one.moved_by is not None and _SIDES[one.moved_by] <= explained
    )


def _is_amount(field: str) -> bool:
    """Whether totals are made of it: an amount of a line, a whole line, or how many there are."""
    if field.startswith("lines"):
        _, dot, last = field.rpartition(".")
        return not dot or last in _AMOUNTS
    return field in _AMOUNTS
