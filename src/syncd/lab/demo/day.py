"""What people do in the demo: a scripted day in the office, and endless play on both sides.

Called by `lab.demo.story`. Same seed, same actions for the same books. Nobody touches what the seed
made unsendable; on the scripted day the bookkeeper only takes payments, so that both books end
equal. An action is told as a sentence, for whoever watches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from syncd.sandbox.bookkeeper import BookkeeperAtPlay
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User, UserAtPlay
from syncd.sandbox.xero.server.app import XeroWorld

_SHARE = 20
"""One invoice in so many is edited, approved, and so on, in a day."""
_BOOKKEEPER_EVERY = 4
_IN_PART = 0.5
"""So many payments are for less than is due."""
_CENT = Decimal("0.01")
_PAST = {
    "create_customer": "added the customer",
    "create_invoice": "wrote",
    "edit_invoice": "changed the reference of",
    "edit_line": "changed a line of",
    "approve": "approved",
    "send": "sent",
    "delete": "deleted",
    "pay": "took a payment for",
    "delete_payment": "took back a payment for",
    "credit": "credited",
    "deallocate": "took a credit off",
    "edit": "edited",
    "touchless_edit": "moved the due date of",
    "mail": "mailed",
    "void": "voided",
    "create_contact": "added the contact",
    "edit_contact": "changed the phone number of",
    "archive": "archived the contact",
    "merge": "merged into another the contact",
}
_BOOKKEEPER = "the bookkeeper"


class Day:
    """A working day: some writing, editing, approving and deleting, and customers who pay."""

    def __init__(
        self, pipeline: PipelineWorld, xero: XeroWorld, *, tenant: str, rng: Random
    ) -> None:
        self.payments = 0
        """How many payments were taken so far."""
        self._tenant = pipeline.tenants[tenant]
        self._xero = xero
        self._today = pipeline.clock.utc().date()
        self._hand = User(pipeline)
        self._rng = rng

    def actions(self) -> Iterator[str]:
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
        # Money forbids most edits, so what is paid is nothing that the office works on.
        owed = [key for key in rest[3 * share :] if numbers[key]["status"] != "Draft"]
        commands += [{"do": "pay", "id": key} for key in owed[: 2 * share]]
        self._rng.shuffle(commands)
        for command in commands:
            number = str(numbers.get(command.get("id", ""), command)["number"])
            if command["do"] == "pay":
                if self._pay(command["id"]):
                    yield _sentence(f"{_BOOKKEEPER} in Xero", "pay", number)
                continue
            self._hand({"tenant": self._tenant.name, **command})
            yield _sentence("The office", command["do"], number)

    def _pay(self, identity: str) -> bool:
        """Take a payment, for half of them of a part only; False where Xero knows none of it."""
        stands = self._tenant.results.standing.get(f"invoice/{identity}/")
        document = None if stands is None else stands.item.get("xeroInvoiceId")
        invoices = next(iter(self._xero.books.values())).invoices
        if document is None or (found := invoices.by_id[document]).amount_due <= 0:
            return False
        part = Decimal(self._rng.randint(10, 90)) / 100 if self._rng.random() < _IN_PART else 1
        amount = max(_CENT, (found.amount_due * part).quantize(_CENT))
        self._xero.bookkeeper(
            {"do": "pay", "invoice": document, "amount": str(amount), "who": _BOOKKEEPER}
        )
        self.payments += 1
        return True

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
            "taxRate": self._tenant.tax_rate,
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
        self._books = next(iter(xero.books.values()))
        self._user = UserAtPlay(pipeline, tenant, rng)
        self._bookkeeper = BookkeeperAtPlay(xero, rng)
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
        return _sentence(f"{done['who']} in Xero", done["do"], self._named(done))

    def _named(self, done: Mapping[str, Any]) -> str:
        """What people call the invoice or contact that was touched."""
        touched = {**done["answer"], **done}
        if invoice := touched.get("invoice", touched.get("InvoiceID")):
            return self._books.invoices.by_id[invoice].number
        return self._books.contacts.by_id[touched.get("contact", touched.get("ContactID", ""))].name


def _sentence(who: str, action: str, what: str) -> str:
    return f"{who[:1].upper()}{who[1:]} {_PAST[action]} {what}"
