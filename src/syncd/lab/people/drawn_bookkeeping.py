"""A bookkeeper's rarer work in Xero: each seed draws a few kinds of it, half of the seeds none.

Beside `office_people.XeroBookkeeper`, who does what every week brings. What is closed, archived or
retired in the organisation's settings is undone after a while; this person has dice of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from syncd.lab.people.drawn_content import Mix, drawn
from syncd.lab.people.office_people import Action, Meeting
from syncd.lab.watch.marks import invoice_marked
from syncd.sandbox.xero.ledger.model import APP, Contact, Credit, Invoice
from syncd.sandbox.xero.server.app import XeroWorld

_PACES = (10.0, 30.0)
_NOTHING = Action("", "")
_UNDOES = 0.5
"""How often work on settings takes back what was done before, rather than do more."""
_SET_BACK = ("Reference", "DueDate", "InvoiceNumber")
_LINES: tuple[dict[str, Any], ...] = (
    {"Description": "as the bookkeeper says"},
    {"Quantity": "7"},
    {"UnitAmount": "12.34"},
    {"AccountCode": "260"},
    {"TaxType": "ZERORATED"},
    {"DiscountRate": "10"},
    {"DiscountRate": "0", "DiscountAmount": "1.05"},  # beside a rate it counts for nothing
    {"Tracking": [{"Name": "Region", "Option": "South"}]},
)


@dataclass(slots=True)
class RareBookkeeper:
    """One more person at work in Xero, in the kinds of actions this seed has drawn."""

    world: XeroWorld
    organisation: str
    rng: Random
    meeting: Meeting = field(default_factory=Meeting)
    mix: Mix = field(init=False)
    _undo: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mix = drawn(self.rng, (*KINDS,), _PACES)

    @property
    def an_hour(self) -> float:
        """How many actions."""
        return self.mix.an_hour

    def step(self) -> Action:
        """Do one thing and say what; an empty verb where Xero, or the books, allow nothing."""
        kind = self.rng.choice(self.mix.kinds)
        try:
            identity = KINDS[kind](self)
        except ValueError:
            return _NOTHING
        return Action(f"rare {kind}", identity)

    # --- whom

    @property
    def _books(self) -> Any:
        return self.world.books[self.organisation]

    def _do(self, **command: Any) -> dict[str, Any]:
        return self.world.bookkeeper({"tenant": self.organisation, **command})

    def _one(self, rows: list[Any], what: str) -> Any:
        if not rows:
            raise ValueError(f"expected {what}, there is none")
        return self.rng.choice(rows)

    def _invoice(self, fits: Callable[[Invoice], bool] = lambda _: True) -> Invoice:
        ours: list[Invoice] = [
            each for each in self._books.invoices.current() if invoice_marked(each.url or "")
        ]
        met = [each for each in ours if invoice_marked(each.url or "") == self.meeting.user]
        if met and fits(met[0]) and self.rng.random() < 0.2:  # noqa: PLR2004 - now and then
            return met[0]
        found: Invoice = self._one([each for each in ours if fits(each)], "an invoice")
        return found

    def _contact(self, status: str, *, ours: bool | None = None) -> Contact:
        found: Contact = self._one(
            [
                each
                for each in self._books.contacts.current()
                if each.status == status
                and each.merged_to is None
                and (ours is None or bool(each.number) is ours)
            ],
            "a contact",
        )
        return found

    def _edit(self, invoice: Invoice, **fields: Any) -> str:
        self._do(do="edit", invoice=invoice.id, set=fields)
        return invoice.id

    # --- edits of every field

    def header(self) -> str:
        """Any field of the document."""
        shapes: tuple[dict[str, Any], ...] = (
            {"Date": f"2026-12-{self.rng.randint(1, 28):02d}"},
            {"DueDate": f"2027-03-{self.rng.randint(1, 28):02d}"},
            {"InvoiceNumber": f"X-{self.rng.randint(1, 9)}"},
            {"Reference": f"R-{self.rng.randint(1, 99)}"},
            {"CurrencyCode": self.rng.choice(("USD", "NZD"))},
            {"LineAmountTypes": self.rng.choice(("Inclusive", "Exclusive", "NoTax"))},
            {"Contact": {"ContactID": self._contact("ACTIVE").id}},
        )
        return self._edit(self._invoice(_is_open), **self.rng.choice(shapes))

    def newest(self) -> str:
        """Another number for what was changed last, as a rule what its maker has just created."""
        ours = [each for each in self._books.invoices.current() if invoice_marked(each.url or "")]
        last: Invoice = self._one([each for each in ours[-1:] if _is_open(each)], "an open invoice")
        return self._edit(last, InvoiceNumber=f"N-{self.rng.randint(1, 99)}")

    def taken_back(self) -> str:
        """What the app has written last is set back to what it was."""
        ours = [each for each in self._books.invoices.current() if invoice_marked(each.url or "")]
        for invoice in reversed(ours):
            latest = invoice.history[-1]
            old = {name: str(was or "") for name, was, _ in latest.fields if name in _SET_BACK}
            if latest.who == APP and old and _is_open(invoice):
                return self._edit(invoice, **old)
        raise ValueError("expected a document of which the app wrote a field, there is none")

    def line(self) -> str:
        """Any field of a line, a line more or a line less."""
        invoice = self._invoice(lambda each: _is_open(each) and bool(each.lines))
        place = self.rng.randrange(len(invoice.lines))
        shapes: tuple[dict[str, Any], ...] = (
            *({"place": place, "set": each} for each in _LINES),
            {"place": place, "remove": True},
            {"set": {"Description": "one more", "UnitAmount": "5", "AccountCode": "200"}},
        )
        self._do(do="edit", invoice=invoice.id, lines=[self.rng.choice(shapes)])
        return invoice.id

    def touchless(self) -> str:
        """A change that leaves UpdatedDateUTC as it was."""
        day = f"2027-04-{self.rng.randint(1, 28):02d}"
        shapes = ({"DueDate": day}, {"Reference": f"T-{self.rng.randint(1, 99)}"})
        invoice = self._invoice(_is_open)
        self._do(do="touchless_edit", invoice=invoice.id, set=self.rng.choice(shapes))
        return invoice.id

    def cents(self) -> str:
        """The total moved by some cents."""
        invoice = self._invoice(lambda each: _is_open(each) and not each.has_money)
        self._do(do="adjust_totals", invoice=invoice.id, by=self.rng.choice(("0.01", "-0.10")))
        return invoice.id

    # --- money

    def credit(self) -> str:
        """A credit note, an over- or a prepayment, on the invoice or standing by itself."""
        kind = self.rng.choice(("CreditNote", "Overpayment", "Prepayment"))
        invoice = self._invoice(_is_owed)
        allocate = self.rng.random() < 0.7  # noqa: PLR2004 - mostly
        self._do(do="credit", invoice=invoice.id, amount="1.15", kind=kind, allocate=allocate)
        return invoice.id

    def allocate(self) -> str:
        """A standing credit goes onto an invoice."""
        credit: Credit = self._one(
            [each for each in self._books.credits.current() if each.remaining > 0], "a credit"
        )
        invoice = self._invoice(
            lambda each: _is_owed(each) and each.contact_id == credit.contact_id
        )
        self._do(do="allocate", credit=credit.id, invoice=invoice.id)
        return invoice.id

    def take_back(self) -> str:
        """A credit or a payment is taken off again."""
        invoice = self._invoice(lambda each: each.has_money)
        verb = "deallocate" if invoice.allocations else "delete_payment"
        self._do(do=verb, invoice=invoice.id)
        return invoice.id

    # --- contacts

    def merge_chain(self) -> str:
        """One contact into another, and that one into a third."""
        active = [each for each in self._books.contacts.current() if each.status == "ACTIVE"]
        if len(active) < 3:  # noqa: PLR2004 - a chain has three
            raise ValueError("expected three contacts to merge")
        first, second, third = self.rng.sample(active, 3)
        self._do(do="merge", contact=first.id, into=second.id)
        self._do(do="merge", contact=second.id, into=third.id)
        return ""

    def archive(self) -> str:
        """A contact of ours is archived, or comes back."""
        if self.rng.random() < _UNDOES:
            back = self._contact("ARCHIVED")
            self._do(do="edit_contact", contact=back.id, set={"ContactStatus": "ACTIVE"})
        else:
            self._do(do="archive", contact=self._contact("ACTIVE", ours=True).id)
        return ""

    def contact(self) -> str:
        """Any field of a contact of ours."""
        word = f"Desk {self.rng.randint(1, 99)}"
        address = {"AddressType": "POBOX", "AddressLine1": word, "City": "Harbour"}
        shapes: tuple[dict[str, Any], ...] = (
            {"Name": f"Renamed {word}"},
            {"FirstName": word},
            {"LastName": word},
            {"Addresses": [address]},
            {"AccountNumber": f"REF-{self.rng.randint(1, 5)}"},
            {"EmailAddress": f"{self.rng.randint(1, 99)}@example.com"},
        )
        chosen = self._contact("ACTIVE", ours=True)
        self._do(do="edit_contact", contact=chosen.id, set=self.rng.choice(shapes))
        return ""

    def namesake(self) -> str:
        """A contact of Xero's own with a name a customer is likely to get."""
        like = self._contact("ACTIVE", ours=True)
        number = self.rng.randint(1, 5)
        self._do(do="create_contact", Name=f"{like.name} {number}", AccountNumber=f"REF-{number}")
        return ""

    # --- what the organisation allows

    def lock(self) -> str:
        """Periods are closed, and opened again."""
        day = f"2026-{self.rng.randint(1, 12):02d}-28"
        which = self.rng.choice(("period", "year"))
        return self._settings({"do": "lock", which: day}, {"do": "lock", which: None})

    def account(self) -> str:
        """An account is archived, and restored."""
        code = self.rng.choice(("200", "210", "220", "230", "260"))
        gone = {"do": "account", "code": code, "status": "ARCHIVED"}
        return self._settings(gone, {**gone, "status": "ACTIVE"})

    def tax_rate(self) -> str:
        """A tax rate is retired, and comes back."""
        kind = self.rng.choice(("OUTPUT2", "NONE", "ZERORATED"))
        gone = {"do": "tax_rate", "type": kind, "status": "DELETED"}
        return self._settings(gone, {**gone, "status": "ACTIVE"})

    def currency(self) -> str:
        """A currency is taken away, or a new one subscribed to."""
        gone = {"do": "currency", "code": "USD", "remove": True}
        return self._settings(gone, {"do": "currency", "code": "USD"})

    def new_currency(self) -> str:
        """The organisation gets a currency it did not have."""
        self._do(do="currency", code=self.rng.choice(("EUR", "AUD")))
        return ""

    def option(self) -> str:
        """A tracking option that was missing is added."""
        self._do(do="tracking_option", category="Region", option="Moon")
        return ""

    def _settings(self, there: dict[str, Any], back: dict[str, Any]) -> str:
        if self._undo and self.rng.random() < _UNDOES:
            self._do(**self._undo.pop())
        else:
            self._do(**there)
            self._undo.append(back)
        return ""


def _is_open(invoice: Invoice) -> bool:
    return invoice.status in {"DRAFT", "SUBMITTED", "AUTHORISED"}


def _is_owed(invoice: Invoice) -> bool:
    return invoice.status == "AUTHORISED" and invoice.amount_due > 2  # noqa: PLR2004 - enough to credit some


KINDS: Mapping[str, Callable[[RareBookkeeper], str]] = {
    each.__name__: each
    for each in (
        RareBookkeeper.header,
        RareBookkeeper.newest,
        RareBookkeeper.taken_back,
        RareBookkeeper.line,
        RareBookkeeper.touchless,
        RareBookkeeper.cents,
        RareBookkeeper.credit,
        RareBookkeeper.allocate,
        RareBookkeeper.take_back,
        RareBookkeeper.merge_chain,
        RareBookkeeper.archive,
        RareBookkeeper.contact,
        RareBookkeeper.namesake,
        RareBookkeeper.lock,
        RareBookkeeper.account,
        RareBookkeeper.tax_rate,
        RareBookkeeper.currency,
        RareBookkeeper.new_currency,
        RareBookkeeper.option,
    )
}
