"""Whether a customer deleted in Pipeline takes its contact in Xero along.

A contact is archived when we made it, it is nobody's supplier, nothing of the customer is open, and
it was not restored in Xero; else a person decides. Called by the engine for a withdrawn customer.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncd.domain.model.statuses import XeroStatus

SHOWN = 3
"""So many open invoices are named."""
_OPEN = (XeroStatus.DRAFT, XeroStatus.SUBMITTED, XeroStatus.AUTHORISED)


def is_open(status: str) -> bool:
    """Whether an invoice in this status of Xero's still wants something of its contact."""
    return status in _OPEN


def objection(
    *, is_ours: bool, is_supplier: bool, still_open: Iterable[str], is_restored: bool = False
) -> str:
    """Why the contact stays active, and what a person can do; empty: it may be archived.

    `still_open` are the numbers of invoices of this customer that are not paid and not gone.
    `is_restored`: it was known as archived, and somebody made it active again in Xero.
    """
    if not is_ours:
        return (
            "Deleted in Pipeline. Its contact in Xero is not known as made by syncd, so it stays "
            "active: archive it in Xero if it is no longer wanted."
        )
    if is_supplier:
        return (
            "Deleted in Pipeline. Its contact in Xero is a supplier too, so it stays active: "
            "archive it in Xero if it is no longer wanted."
        )
    numbers = sorted(still_open)
    if numbers:
        more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
        return (
            f"Deleted in Pipeline. Its contact in Xero stays active while invoices are open: "
            f"{', '.join(numbers[:SHOWN])}{more}."
        )
    if is_restored:
        return (
            "Deleted in Pipeline. Its contact was restored in Xero, so it stays active: archive it "
            "in Xero if it is no longer wanted."
        )
    return ""
