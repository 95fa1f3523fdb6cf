"""What people do in the demo: a scripted day at Pipeline, and endless play on both sides.

Called by `lab.demo`. Same seed, same deeds for the same books. Nobody touches what the seed made
unsendable. A deed is told as a sentence, for whoever watches.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from syncd.sandbox.bookkeeper import BookkeeperAtPlay
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User, UserAtPlay
from syncd.sandbox.xero.app import XeroWorld

_SHARE = 20
"""One invoice in so many is edited, approved, and so on, in a day."""
_MONEY = ("pay", "part_pay", "edit")
"""What the bookkeeper at work does: mostly pays, now and then edits."""
_BOOKKEEPER_EVERY = 4
_PAST = {
    "create_customer": "added the customer",
    "create_invoice": "wrote",
    "edit_invoice": "changed the reference of",
    "edit_line": "changed a line of",
    "approve": "approved",
    "send": "sent",
    "delete": "deleted",
    "pay": "took a payment for",
    "edit": "edited the reference of",
}


class Day:
    """A working day in the office: some writing, editing, approving and deleting."""

    def __init__(self, pipeline: PipelineWorld, tenant: str, rng: Random) -> None:
        self._tenant = pipeline.tenants[tenant]
        self._today = pipeline.clock.utc().date()
        self._hand = User(pipeline)
        self._rng = rng

    def deeds(self) -> Iterator[str]:
        """Do one thing per step, and say what; ends when the day is over."""
        books = self._tenant.books
        numbers = {key: books.records["invoice"][key].document for key in books.ids("invoice")}
        free = [key for key in numbers if key not in self._tenant.planted]
        self._rng.shuffle(free)
        share = max(1, len(free) // _SHARE)
        drafts = [key for key in free if numbers[key]["status"] == "Draft"][:share]
        rest = [key for key in free if key not in drafts]
        commands = [{"do": "approve", "id": key} for key in drafts]
        commands += [self._line_edit(key) for key in rest[:share]]
        commands += [self._reference_edit(key) for key in rest[share : 2 * share]]
        commands += [{"do": "delete", "id": key} for key in rest[2 * share : 3 * share]]
        commands += [self._invoice(at) for at in range(1, share + 1)]
        self._rng.shuffle(commands)
        for command in commands:
            named = numbers.get(command.get("id", ""), command)
            self._hand({"tenant": self._tenant.name, **command})
            yield _sentence("The office", command["do"], str(named["number"]))

    def _line_edit(self, identity: str) -> dict[str, Any]:
        lines = self._tenant.books.records["invoice"][identity].document["lines"]
        quantity = Decimal(self._rng.randint(1, 160)) / 4
        at = self._rng.randrange(len(lines))
        return {"do": "edit_line", "id": identity, "line": at, "set": {"quantity": quantity}}

    def _reference_edit(self, identity: str) -> dict[str, Any]:
        reference = f"PO-{self._rng.randint(1, 9999):04d}"
        return {"do": "edit_invoice", "id": identity, "set": {"reference": reference}}

    def _invoice(self, at: int) -> dict[str, Any]:
        known = self._tenant.results.standing
        customers = [
            key
            for key in self._tenant.books.ids("customer")
            if f"customer/{key}/" in known and known[f"customer/{key}/"].item["state"] == "synced"
        ]
        line = {
            "description": "Emergency call-out",
            "quantity": Decimal(self._rng.randint(1, 16)) / 4,
            "unitAmount": Decimal(self._rng.randint(9_000, 25_000)) / 100,
            "costCode": "CALL",
            "taxRate": Decimal("0.15"),
        }
        return {
            "do": "create_invoice",
            "number": f"DAY-{at:04d}",
            "customerId": self._rng.choice(customers or self._tenant.books.ids("customer")),
            "status": "Approved",
            "invoiceDate": self._today.isoformat(),
            "dueDate": (self._today + timedelta(days=14)).isoformat(),
            "lines": [line],
        }


class Play:
    """The office and the bookkeeper at work, a step at a time, for ever."""

    def __init__(
        self, pipeline: PipelineWorld, xero: XeroWorld, *, tenant: str, rng: Random
    ) -> None:
        self._records = pipeline.tenants[tenant].books.records
        self._documents = next(iter(xero.books.values())).invoices
        self._user = UserAtPlay(pipeline, tenant, rng)
        self._bookkeeper = BookkeeperAtPlay(xero, rng, deeds=_MONEY)
        self._steps = 0

    def step(self) -> str | None:
        """Let one of them do one thing, and say what; None when there was nothing to do."""
        self._steps += 1
        if self._steps % _BOOKKEEPER_EVERY == 0:
            return self._keep_books()
        done = self._user.step()
        kind = "customer" if done["do"] == "create_customer" else "invoice"
        document = self._records[kind][done["answer"]["id"]].document
        return _sentence("The office", done["do"], document.get("number") or document["name"])

    def _keep_books(self) -> str | None:
        done = self._bookkeeper.step()
        if done is None or "refused" in done:
            return None
        number = next(
            (each.number for each in self._documents.truth() if each.id == done["invoice"]), ""
        )
        return _sentence(f"{done['who']} in Xero", done["do"], number)


def _sentence(who: str, deed: str, what: str) -> str:
    return f"{who} {_PAST[deed]} {what}"
