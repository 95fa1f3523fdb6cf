"""Judges the money Pipeline was told: each invoice's payments, credits and amounts are Xero's.

Pipeline shows them as Total Paid and Amount Outstanding. What stands in Xero is counted here from
its payments and allocations, never from what the daemon read.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from syncd.lab.watch.scene import DEAD, Json, Scene

_MS = 1000
TOLD_AFTER_S = 3600.0
"""What stood so long before a backup may have been told of only after it was taken."""
_AMOUNTS = (("amountPaid", "AmountPaid"), ("amountCredited", "AmountCredited"))


def judge(scene: Scene) -> Iterator[str]:
    """Every invoice whose money Pipeline shows otherwise than Xero, as a sentence."""
    for identity, invoice, documents in scene.invoices:
        told = scene.pipeline["results"]["invoice"].get(identity)
        for document in documents:
            if told is None or told.get("xeroInvoiceId") != document["InvoiceID"]:
                continue
            if not scene.is_heard(document) or document["Status"] in DEAD:
                continue
            for found in of_document(scene, identity, document):
                yield f"money: invoice {identity} ({invoice['number']}): {found}"


def of_document(scene: Scene, identity: str, document: Json) -> Iterator[str]:
    """Where the money Pipeline shows of an invoice is not that of its document."""
    yield from _amounts(scene.pipeline["results"]["invoice"][identity], document)
    yield from _parts(scene, identity, document)


def _amounts(told: Json, document: Json) -> Iterator[str]:
    for ours, theirs in (*_AMOUNTS, ("amountDue", "AmountDue")):
        shown = Decimal(document[theirs])
        if told.get(ours) is None:
            if theirs != "AmountDue" and shown:
                yield f"{theirs} is {shown} in Xero, Pipeline was never told {ours}"
        elif Decimal(told[ours]) != shown:
            yield f"{theirs} is {shown} in Xero, Pipeline was told {told[ours]}"


def _parts(scene: Scene, identity: str, document: Json) -> Iterator[str]:
    stands = _in_xero(document)
    told = {
        key: Decimal(item["amount"])
        for key, item in scene.pipeline["payments"].get(identity, {}).items()
        if item["status"].upper() != "DELETED"
    }
    for key in sorted({*stands, *told}):
        if stands.get(key) is None and _came_and_went_forgotten(scene, document, key):
            continue
        if stands.get(key) != told.get(key):
            yield (
                f"payment or credit {key} is {stands.get(key)} in Xero, Pipeline was told "
                f"{told.get(key)}"
            )


def _came_and_went_forgotten(scene: Scene, document: Json, key: str) -> bool:
    """Told in hours that the store lost, and gone before it saw it again: nobody can untell it.

    docs/decisions/0013-bases-after-a-restore.md. A credit came when it was created, at the latest.
    """
    of = {each["PaymentID"]: each for each in scene.organisation["payments"]}
    of |= {each["ID"]: each for each in scene.organisation["credits"]}
    if key not in of:
        return False
    born_s, gone_s = (of[key]["History"][at]["at_ms"] / _MS for at in (0, -1))
    return any(
        each.taken_s - TOLD_AFTER_S <= born_s
        and gone_s <= _seen_again_s(scene, document, each.restored_s)
        for each in scene.decided.forgotten
    )


def _seen_again_s(scene: Scene, document: Json, restored_s: float) -> float:
    """When the restored store was first shown the document."""
    later = (each for each in scene.arrivals if each.at_s >= restored_s)
    return next((each.at_s for each in later if each.shows(document["InvoiceID"])), math.inf)


def _in_xero(document: Json) -> dict[str, Decimal]:
    """What stands on the document, by the id of the payment or of the credit."""
    stands: defaultdict[str, Decimal] = defaultdict(Decimal)
    for payment in document["Payments"]:
        if payment["Status"] != "DELETED":
            stands[payment["PaymentID"]] += Decimal(payment["Amount"])
    for allocation in document["Allocations"]:
        if not allocation["IsDeleted"]:
            stands[allocation["CreditID"]] += Decimal(allocation["Amount"])
    return dict(stands)
