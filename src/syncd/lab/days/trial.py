"""A controlled day: nothing goes wrong but that one of two tenants is sick, or is not.

Lived twice from one seed, it shows what the sickness of one did to the other: nothing may differ in
the end but the order of things, which is not compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from syncd.lab.faults import fault_mix
from syncd.lab.faults.fault_mix import FaultMix
from syncd.lab.faults.sickness import Ailment
from syncd.lab.watch.scene import Json, Scene
from syncd.lab.watch.tenancy import NAMES

TENANTS = NAMES[:2]
HEALTHY, SICK = TENANTS
_INVOICE = ("InvoiceNumber", "Status", "Reference", "Date", "DueDate", "Total", "AmountDue")
_LINE = ("Description", "Quantity", "UnitAmount", "AccountCode", "TaxType", "LineAmount")
_CONTACT = ("Name", "EmailAddress", "ContactStatus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What ails the second of two tenants; nobody works in Xero, and no fault is armed."""

    ailment: Ailment | None


class _NeverArmed(Random):
    """Dice that arm nothing."""

    def random(self) -> float:
        """Above every chance."""
        return 1.0

    def getrandbits(self, k: int, /) -> int:
        """Choices are drawn as ever."""
        return super().getrandbits(k)


def calm() -> FaultMix:
    """A mix in which nothing is armed."""
    return fault_mix.draw(_NeverArmed(0))


def end_of(scene: Scene) -> str:
    """What stands of one tenant at the end of a day, without ids and times of Xero's own."""
    return json.dumps([*_invoices(scene), *_contacts(scene)], sort_keys=True)


def _invoices(scene: Scene) -> Iterator[dict[str, Any]]:
    told = scene.pipeline["results"]["invoice"]
    for identity, invoice, documents in scene.invoices:
        said = told.get(identity, {})
        yield {
            "id": identity,
            "version": invoice["version"],
            "told": [said.get(name) for name in ("state", "reasonCode", "amountDue")],
            "documents": [_document(scene, each) for each in documents],
        }


def _document(scene: Scene, document: Json) -> dict[str, Any]:
    shown = {name: document[name] for name in _INVOICE}
    lines = [[line[name] for name in _LINE] for line in document["LineItems"]]
    customers = sorted(scene.customer_of(document["ContactID"]))
    return {**shown, "lines": sorted(lines, key=str), "customers": customers}


def _contacts(scene: Scene) -> Iterator[dict[str, Any]]:
    told = scene.pipeline["results"]["customer"]
    for contact in sorted(scene.contacts.values(), key=lambda each: str(each["ContactNumber"])):
        number = contact["ContactNumber"]
        shown = {name: contact[name] for name in _CONTACT}
        yield {**shown, "number": number, "told": told.get(number, {}).get("state")}
