"""A bookkeeper at work: seeded, endless small changes to a pretend Xero's books.

Driven by the demo and the simulation, a step at a time. What is done follows from the dice handed
in and from the books alone; a step that Xero refuses, or that finds nothing to do, does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Contact, Invoice
from syncd.sandbox.xero.server.app import XeroWorld

Command = dict[str, Any]

# How often each action is tried, by what a bookkeeper's week looks like: mostly money.
WEIGHTS: Mapping[str, int] = {
    "pay": 30,
    "part_pay": 15,
    "delete_payment": 4,
    "credit": 6,
    "deallocate": 2,
    "edit": 10,
    "edit_line": 8,
    "edit_paid": 4,
    "touchless_edit": 3,
    "approve": 5,
    "mail": 8,
    "void": 3,
    "create_invoice": 6,
    "create_contact": 2,
    "edit_contact": 4,
    "archive": 1,
    "merge": 1,
}
_PEOPLE = ("the bookkeeper", "the accountant")
_WORDS = ("checked", "see statement", "per phone call", "corrected", "as agreed")


class BookkeeperAtPlay:
    """One person's work in one organisation; `actions` narrows it, for example to paying."""

    def __init__(
        self,
        world: XeroWorld,
        rng: Random,
        *,
        tenant: str | None = None,
        actions: Sequence[str] = tuple(WEIGHTS),
    ) -> None:
        strangers = [each for each in actions if each not in WEIGHTS]
        if strangers:
            raise ValueError(f"deeds: expected some of {sorted(WEIGHTS)}, got {strangers}")
        self._world = world
        self._rng = rng
        self._tenant = tenant or next(iter(world.books))
        self._actions = list(actions)

    def step(self) -> dict[str, Any] | None:
        """Do one thing: the command with what Xero said, or None when there was nothing to do."""
        action = self._rng.choices(self._actions, [WEIGHTS[each] for each in self._actions])[0]
        command = _PLANS[action](self)
        if command is None:
            return None
        command |= {"tenant": self._tenant, "who": self._rng.choice(_PEOPLE)}
        try:
            answer = self._world.bookkeeper(command)
        except ValueError as refused:
            return {**command, "refused": str(refused)}
        return {**command, "answer": answer}

    def _books(self) -> Books:
        return self._world.books[self._tenant]

    # --- what to do

    def _invoice(self, fits: Callable[[Invoice], bool]) -> Invoice | None:
        books = self._books()
        candidates = [each for each in books.invoices.current() if fits(each)]
        return self._rng.choice(candidates) if candidates else None

    def _contact(self, fits: Callable[[Contact], bool]) -> Contact | None:
        books = self._books()
        candidates = [each for each in books.contacts.current() if fits(each)]
        return self._rng.choice(candidates) if candidates else None

    def _on(self, action: str, fits: Callable[[Invoice], bool], **more: Any) -> Command | None:
        invoice = self._invoice(fits)
        return None if invoice is None else {"do": action, "invoice": invoice.id, **more}

    def pay(self) -> Command | None:
        """Pay all that is due."""
        return self._on("pay", _is_open)

    def part_pay(self) -> Command | None:
        """Pay some of what is due."""
        invoice = self._invoice(_is_open)
        if invoice is None:
            return None
        share = Decimal(self._rng.randint(10, 90)) / 100
        amount = (invoice.amount_due * share).quantize(Decimal("0.01"))
        return {"do": "pay", "invoice": invoice.id, "amount": str(amount)}

    def delete_payment(self) -> Command | None:
        """Take a payment back."""
        return self._on("delete_payment", lambda each: bool(each.payments))

    def credit(self) -> Command | None:
        """Credit part of an invoice."""
        invoice = self._invoice(_is_open)
        if invoice is None:
            return None
        half = (invoice.amount_due / 2).quantize(Decimal("0.01"))
        kind = self._rng.choice(("CreditNote", "CreditNote", "Overpayment", "Prepayment"))
        return {"do": "credit", "invoice": invoice.id, "amount": str(half), "kind": kind}

    def deallocate(self) -> Command | None:
        """Take a credit off again."""
        return self._on("deallocate", lambda each: bool(each.allocations))

    def edit(self) -> Command | None:
        """Write something into the reference."""
        fields = {"Reference": f"{self._rng.choice(_WORDS)} {self._rng.randint(1, 999)}"}
        return self._on("edit", lambda each: _is_open(each) or _is_draft(each), set=fields)

    def edit_line(self) -> Command | None:
        """Change an amount on an invoice without money."""
        amount = f"{self._rng.randint(100, 99_999) / 100:.2f}"
        line = {"place": 0, "set": {"UnitAmount": amount}}
        return self._on(
            "edit",
            lambda each: (
                (_is_open(each) or _is_draft(each)) and not each.has_money and bool(each.lines)
            ),
            lines=[line],
        )

    def edit_paid(self) -> Command | None:
        """Move a paid line to another account: one of the few things still allowed."""
        account = self._rng.choice(("200", "210", "220"))
        line = {"place": 0, "set": {"AccountCode": account}}
        return self._on(
            "edit", lambda each: each.status == "PAID" and bool(each.lines), lines=[line]
        )

    def touchless_edit(self) -> Command | None:
        """Change something without a new UpdatedDateUTC."""
        invoice = self._invoice(_is_open)
        if invoice is None or invoice.due_on is None:
            return None
        later = invoice.due_on.fromordinal(invoice.due_on.toordinal() + 7)
        fields = {"DueDate": later.isoformat()}
        return {"do": "touchless_edit", "invoice": invoice.id, "set": fields}

    def approve(self) -> Command | None:
        """Approve a draft."""
        return self._on("approve", _is_draft)

    def mail(self) -> Command | None:
        """Mail an invoice."""
        return self._on("mail", lambda each: _is_open(each) and not each.sent_to_contact)

    def void(self) -> Command | None:
        """Void or delete an invoice without money."""
        return self._on(
            "void", lambda each: (_is_open(each) or _is_draft(each)) and not each.has_money
        )

    def create_invoice(self) -> Command | None:
        """Write an invoice or a bill of Xero's own."""
        kind = self._rng.choice(("ACCREC", "ACCREC", "ACCPAY"))
        amount = f"{self._rng.randint(1_000, 500_000) / 100:.2f}"
        account = "200" if kind == "ACCREC" else "429"
        line = {"Description": "Sundry", "UnitAmount": amount, "AccountCode": account}
        return {"do": "create_invoice", "set": {"Type": kind, "LineItems": [line]}}

    def create_contact(self) -> Command | None:
        """Write a contact of Xero's own."""
        return {"do": "create_contact", "Name": f"Xero Only {self._rng.randint(1, 10**9)}"}

    def edit_contact(self) -> Command | None:
        """Give a contact another telephone number."""
        contact = self._contact(_is_active)
        number = f"555-{self._rng.randint(1000, 9999)}"
        phones = [{"PhoneType": "DEFAULT", "PhoneNumber": number}]
        if contact is None:
            return None
        return {"do": "edit_contact", "contact": contact.id, "set": {"Phones": phones}}

    def archive(self) -> Command | None:
        """Archive a contact."""
        contact = self._contact(_is_active)
        return None if contact is None else {"do": "archive", "contact": contact.id}

    def merge(self) -> Command | None:
        """Merge one contact into another."""
        loser = self._contact(_is_active)
        winner = self._contact(lambda each: _is_active(each) and each is not loser)
        if loser is None or winner is None:
            return None
        return {"do": "merge", "contact": loser.id, "into": winner.id}


_PLANS: dict[str, Callable[[BookkeeperAtPlay], Command | None]] = {
    name: getattr(BookkeeperAtPlay, name) for name in WEIGHTS
}


def _is_open(invoice: Invoice) -> bool:
    return invoice.status == "AUTHORISED" and invoice.amount_due > 0


def _is_draft(invoice: Invoice) -> bool:
    return invoice.status in {"DRAFT", "SUBMITTED"}


def _is_active(contact: Contact) -> bool:
    return contact.status == "ACTIVE"
