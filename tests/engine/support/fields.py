"""Every compared field, and how it becomes A or B by either side's own hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from syncd.domain.model.job import JobKind, JobRequest
from syncd.sandbox.xero.ledger.books import Books
from syncd.store import jobs
from tests.engine.support.rounds import LINE, Rounds

EAST = [{"name": "Region", "option": "East"}]
LINES = [
    {**LINE, "tracking": EAST},
    {**LINE, "description": "Call-out", "quantity": 1, "unitAmount": 80},
]
MONEY = ("nett", "tax", "total")
Edit = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One invoice of two lines, agreed, and two more customers with contacts."""

    rounds: Rounds
    invoice: str
    number: str = "PL-1"
    customers: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)

    @property
    def books(self) -> Books:
        """The organisation's books, from inside."""
        (books,) = self.rounds.xero.world.books.values()
        return books

    def document(self) -> dict[str, Any]:
        """The document in Xero."""
        (found,) = (
            each
            for each in self.rounds.books()
            if each["InvoiceID"] == self.rounds.xero_id(self.invoice)
        )
        return found

    def look(self) -> jobs.Statement[None]:
        """What a webhook or a sweep would say: look at it."""
        now = self.rounds.context.now()
        wish = JobRequest(
            tenant=self.rounds.tenant, kind=JobKind.PUSH_INVOICE, key=self.invoice, ready_at=now
        )
        return jobs.enqueue([wish], now)

    async def noticed(self) -> None:
        """Xero's side is looked at, and whatever follows is done."""
        await self.rounds.context.store.run(self.look())
        await self.rounds.turn()

    @property
    def writes(self) -> int:
        """How often an invoice was written to Xero."""
        return self.rounds.calls("POST Invoices") + self.rounds.calls("PUT Invoices")


Hand = Callable[[Stage, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field under its public name; each hand makes it "A" or "B"."""

    name: str
    pipeline: Hand
    xero: Hand
    shows: Callable[[Stage, str], bool]
    """Whether the document in Xero shows A or B."""
    follows: tuple[str, ...] = ()
    """Fields that move with it."""

    def __str__(self) -> str:
        return self.name


def header(name: str, theirs: str, a: Any, b: Any) -> Field:
    """A field of the document: Pipeline's name, Xero's name, and its two values."""
    values = {"A": a, "B": b}
    return Field(
        name=name,
        pipeline=lambda on, to: (
            on.rounds.user(do="edit_invoice", id=on.invoice, set={name: values[to]}) and None
        ),
        xero=lambda on, to: (
            on.rounds.xero.do(
                do="edit", invoice=on.rounds.xero_id(on.invoice), set={theirs: values[to]}
            )
            and None
        ),
        shows=lambda on, to: on.document()[theirs] == values[to],
    )


def line(
    name: str,
    theirs: str,
    a: Any,
    b: Any,
    *,
    theirs_a: Any = None,
    theirs_b: Any = None,
    more: tuple[Edit, Edit] = ({}, {}),
    follows: tuple[str, ...] = (),
) -> Field:
    """A field of the first line."""
    values, extra = {"A": a, "B": b}, {"A": more[0], "B": more[1]}
    meant = {"A": a if theirs_a is None else theirs_a, "B": b if theirs_b is None else theirs_b}

    def shows(on: Stage, to: str) -> bool:
        found = on.document()["LineItems"][0][theirs]
        if theirs == "Tracking":
            options = dict(on.books.settings.tracking[0].options)
            return [options[option] for _, option in found] == [
                each["Option"] for each in meant[to]
            ]
        return bool(found == meant[to] or _number(found) == _number(meant[to]))

    return Field(
        name=f"lines[0].{name}",
        pipeline=lambda on, to: (
            on.rounds.user(
                do="edit_line", id=on.invoice, line=0, set={name: values[to], **extra[to]}
            )
            and None
        ),
        xero=lambda on, to: (
            on.rounds.xero.do(
                do="edit",
                invoice=on.rounds.xero_id(on.invoice),
                lines=[{"place": 0, "set": {theirs: meant[to]}}],
            )
            and None
        ),
        shows=shows,
        follows=follows,
    )


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _tracking(option: str) -> tuple[list[Edit], list[Edit]]:
    return [{"name": "Region", "option": option}], [{"Name": "Region", "Option": option}]


def _contact() -> Field:
    return Field(
        name="customerId",
        pipeline=lambda on, to: (
            on.rounds.user(do="edit_invoice", id=on.invoice, set={"customerId": on.customers[to]})
            and None
        ),
        xero=lambda on, to: (
            on.rounds.xero.do(
                do="edit",
                invoice=on.rounds.xero_id(on.invoice),
                set={"Contact": {"ContactID": on.contacts[to]}},
            )
            and None
        ),
        shows=lambda on, to: on.document()["ContactID"] == on.contacts[to],
    )


_MORE = {
    "A": {"description": "More of A", "quantity": 1, "unitAmount": 10},
    "B": {"description": "More of B", "quantity": 1, "unitAmount": 20},
}


def _new_line(to: str) -> Edit:
    return {**_MORE[to], "costCode": "LAB", "taxRate": "0.15"}


def _their_line(to: str) -> Edit:
    said = _MORE[to]
    return {
        "Description": said["description"],
        "Quantity": said["quantity"],
        "UnitAmount": said["unitAmount"],
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
    }


def standing(on: Stage) -> list[Edit]:
    """The lines as Pipeline has them."""
    records = on.rounds.pipeline.tenants[on.rounds.tenant].books.records["invoice"]
    return [dict(each) for each in records[on.invoice].document["lines"]]


def _texts(on: Stage) -> list[str]:
    """The lines' descriptions, as Xero shows them."""
    return [each["Description"] for each in on.document()["LineItems"]]


def _lines() -> Field:
    """A third line, another one on each side."""

    def pipeline(on: Stage, to: str) -> None:
        lines = [*standing(on)[:2], _new_line(to)]
        on.rounds.user(do="edit_invoice", id=on.invoice, set={"lines": lines})

    def xero(on: Stage, to: str) -> None:
        edits: list[Edit] = [{"set": _their_line(to)}]
        texts = _texts(on)
        if len(texts) > len(LINES):
            (place,) = (at for at, text in enumerate(texts) if text.startswith("More of"))
            edits = [{"place": place, "remove": True}, *edits]
        on.rounds.xero.do(do="edit", invoice=on.rounds.xero_id(on.invoice), lines=edits)

    return Field(
        name="lines[2].description",
        pipeline=pipeline,
        xero=xero,
        shows=lambda on, to: f"More of {to}" in _texts(on),
        follows=MONEY,
    )


NORTH, SOUTH = _tracking("North"), _tracking("South")
FIELDS = (
    header("reference", "Reference", "ours", "hers"),
    header("invoiceDate", "Date", "2026-11-21", "2026-11-19"),
    header("dueDate", "DueDate", "2027-01-10", "2027-02-10"),
    header("number", "InvoiceNumber", "PL-A", "PL-B"),
    header("currencyCode", "CurrencyCode", "USD", "AUD"),
    header("lineAmountTypes", "LineAmountTypes", "NoTax", "Inclusive"),
    _contact(),
    _lines(),
    line("description", "Description", "Install, zone A", "Install, zone B"),
    line("quantity", "Quantity", 4, 5, follows=MONEY),
    line("unitAmount", "UnitAmount", 130, 140, follows=MONEY),
    line("discountPercent", "DiscountRate", 10, 20, follows=MONEY),
    line("accountCode", "AccountCode", "210", "220"),
    line(
        "taxType",
        "TaxType",
        "ZERORATED",
        "NONE",
        more=({"taxRate": 0}, {"taxRate": 0}),
    ),
    line("tracking", "Tracking", NORTH[0], SOUTH[0], theirs_a=NORTH[1], theirs_b=SOUTH[1]),
)


async def agreed(rounds: Rounds) -> Stage:
    """An approved invoice that both sides show the same."""
    (books,) = rounds.xero.world.books.values()
    books.settings.currencies["AUD"] = "Australian Dollar"
    invoice = rounds.invoice(rounds.customer(), reference="PO", dueDate="2026-12-10", lines=LINES)
    customers = {
        to: str(rounds.user(do="create_customer", ref=f"C{to}", name=f"Builder {to}")["id"])
        for to in ("A", "B")
    }
    await rounds.turn()
    contacts = {each.name: each.id for each in books.contacts.current()}
    assert rounds.result(invoice)["state"] == "synced", rounds.result(invoice)
    return Stage(
        rounds=rounds,
        invoice=invoice,
        customers=customers,
        contacts={to: contacts[f"Builder {to}"] for to in customers},
    )
