"""The demo's judge of money: what Pipeline shows of an invoice's payments against Xero's books.

Called by `demo.judge` with both dumps. Knows Xero's words; shares no rule with the daemon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]

_AMOUNTS = {
    "amountPaid": "AmountPaid",
    "amountCredited": "AmountCredited",
    "amountDue": "AmountDue",
}


def differences(tenant: Json, invoice: Json, document: Json) -> Iterator[str]:
    """Where an invoice's money in Pipeline is not that of its document in Xero."""
    told = tenant["results"]["invoice"].get(invoice["id"], {})
    for ours, theirs in _AMOUNTS.items():
        shown = told.get(ours)
        if shown is None or Decimal(shown) != Decimal(document[theirs]):
            yield f"{ours}: Pipeline shows {shown}, Xero {document[theirs]}"
    stand, shown_parts = _in_xero(document), _in_pipeline(tenant, invoice)
    for identity in sorted({*stand, *shown_parts}):
        mine, other = shown_parts.get(identity), stand.get(identity)
        if mine != other:
            yield f"payment {identity}: Pipeline shows {mine}, Xero {other}"


def paid(document: Json) -> list[Decimal]:
    """The payments that stand on a document in Xero."""
    return [Decimal(each["Amount"]) for each in document["Payments"] if _stands(each)]


def _in_xero(document: Json) -> dict[str, tuple[Decimal, str | None]]:
    """Amount and date by payment; a credit's parts add up, and its date is the credit's own."""
    found: dict[str, tuple[Decimal, str | None]] = {
        each["PaymentID"]: (Decimal(each["Amount"]), each["Date"])
        for each in document["Payments"]
        if _stands(each)
    }
    for each in document["Allocations"]:
        if not each["IsDeleted"]:
            before = found.get(each["CreditID"], (Decimal(0), None))[0]
            found[each["CreditID"]] = (before + Decimal(each["Amount"]), None)
    return found


def _in_pipeline(tenant: Json, invoice: Json) -> dict[str, tuple[Decimal, str | None]]:
    return {
        key: (Decimal(each["amount"]), each["paidOn"] if each["type"] == "Payment" else None)
        for key, each in tenant["payments"].get(invoice["id"], {}).items()
        if each["status"] == "Authorised"
    }


def _stands(payment: Json) -> bool:
    return bool(payment["Status"] == "AUTHORISED")
