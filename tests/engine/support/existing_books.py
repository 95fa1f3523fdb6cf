"""An organisation that was kept by hand before syncd came: the bookkeeper's contacts and invoices.

Pipeline has customers and invoices; most of them stand in Xero already, under the same reference
and number. Some differ, some could be several, some are Xero's alone, some are too old.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from syncd.domain.model.settings import Mode
from tests.engine.support.rounds import Rounds

START_ON = date(2026, 1, 1)
RATE = 120


@dataclass
class Existing:
    """What was put where. Invoices by number, customers by reference."""

    rounds: Rounds
    account: str = "200"
    customers: dict[str, str] = field(default_factory=dict)
    invoices: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)

    def customer(self, place: int, *, known: bool) -> None:
        ref = f"C{place:03}"
        name = f"Harbour Build {place}"
        made = self.rounds.user(do="create_customer", ref=ref, name=name)
        self.customers[ref] = str(made["id"])
        if known:
            self.contact(ref, name)

    def contact(self, ref: str, name: str) -> str:
        made = self.rounds.xero.do(do="create_contact", set={"Name": name, "AccountNumber": ref})
        self.contacts[name] = str(made["ContactID"])
        return self.contacts[name]

    def invoice(self, number: str, ref: str, quantity: int, on: str = "2026-11-20") -> None:
        made = self.rounds.user(
            do="create_invoice",
            customerId=self.customers[ref],
            number=number,
            status="Approved",
            invoiceDate=on,
            dueDate="2026-12-20",
            lines=[
                {
                    "description": f"Install {number}",
                    "quantity": quantity,
                    "unitAmount": RATE,
                    "costCode": "LAB",
                    "taxRate": "0.15",
                }
            ],
        )
        self.invoices[number] = str(made["id"])

    def document(
        self, number: str, contact: str, quantity: int, on: str = "2026-11-20", **fields: Any
    ) -> None:
        """The bookkeeper's own, as Pipeline's would look; `contact` by name."""
        line = {
            "Description": f"Install {number}",
            "Quantity": quantity,
            "UnitAmount": RATE,
            "AccountCode": self.account,
            "TaxType": "OUTPUT2",
        }
        made = self.rounds.xero.do(
            do="create_invoice",
            contact=contact,
            set={
                "InvoiceNumber": number,
                "Date": on,
                "DueDate": "2026-12-20",
                "LineAmountTypes": "Exclusive",
                "LineItems": [line],
                **fields,
            },
        )
        self.documents[number] = str(made["InvoiceID"])


def build(rounds: Rounds, *, customers: int, invoices: int, account: str = "200") -> Existing:
    """Four fifths of the customers and three fifths of the invoices stand in Xero already."""
    rounds.choose(mode=Mode.OBSERVE, start_on=START_ON)
    books = Existing(rounds, account)
    known = customers * 4 // 5
    for place in range(customers):
        books.customer(place, known=place < known)
    books.contact("C001", "Harbour Build 1 (old)")  # two of one reference: a person chooses
    books.contact("X-1", "Supplier of Xero's own")
    existing = invoices * 3 // 5
    for place in range(invoices):
        owner = place % known if place < existing else place % customers
        number, ref, quantity = f"PL-{place:04}", f"C{owner:03}", 1 + place % 7
        on = "2025-12-01" if place % 25 == 3 else "2026-11-20"
        books.invoice(number, ref, quantity, on)
        if place < existing:
            more = 1 if place % 10 == 5 else 0
            contact = f"Harbour Build {(owner + 2) % known if place % 20 == 7 else owner}"
            books.document(number, contact, quantity + more, on)
    books.document("XERO-1", "Supplier of Xero's own", 2)
    return books
