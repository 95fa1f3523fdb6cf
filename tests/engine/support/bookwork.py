"""Two offices at work on the same invoices: whoever keeps Pipeline, and the bookkeeper in Xero.

Every deed is drawn from one seed. Some are done on one side, some on both, the same or apart; some
look like edits and are none. What the pretend worlds refuse, people cannot do either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from tests.engine.support.coming_back import Coming
from tests.engine.support.rounds import TENANT
from tests.engine.support.witness import DEAD, Books, Witness

CUSTOMERS = 5
WEIGHTS = {
    "create": 12, "edit_header": 10, "edit_line": 10, "add_line": 2, "approve": 6, "send": 4,
    "delete": 3, "renumber": 2, "edit_customer": 2,
    "xero_header": 7, "xero_line": 6, "xero_lines": 3, "touchless": 2,
    "xero_trim": 4, "xero_empty_field": 3, "rounding": 3, "mail": 5, "xero_approve": 4,
    "pay": 6, "part_pay": 5, "delete_payment": 3, "credit": 4, "deallocate": 2, "void": 2,
    "edit_contact": 3, "merge": 1,
    "same_on_both": 6, "apart_on_both": 5, "yield_in_xero": 8, "yield_in_pipeline": 5,
}  # fmt: skip
MONEY_KINDS = ("CreditNote", "CreditNote", "Overpayment", "Prepayment")
PLACES = Decimal("0.01")


@dataclass(kw_only=True)
class Offices:
    """Both offices. `done` counts deeds by name, `refused` those the worlds did not take."""

    coming: Coming
    witness: Witness
    rng: Random
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _made: int = 0

    def dumps(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Pipeline's tenant and Xero's organisation, as their own dumps say."""
        rounds = self.coming.rounds
        (organisation,) = rounds.xero.world.dump()["organisations"]
        return rounds.pipeline.dump()["tenants"][TENANT], organisation

    def open(self) -> None:
        """Some customers to begin with."""
        for place in range(CUSTOMERS):
            self._user(do="create_customer", ref=f"C{place}", name=f"Customer {place} & Sons")

    def step(self, books: Books) -> None:
        """One deed, by people who last looked when the books were so."""
        (name,) = self.rng.choices([*WEIGHTS], [*WEIGHTS.values()])
        if name != "create" and not self._keys(books):
            name = "create"
        deed: Callable[[Books], None] = getattr(self, f"_{name}")
        try:
            deed(books)
        except (ValueError, IndexError):
            self.refused[name] += 1
        else:
            self.done[name] += 1

    # --- in Pipeline

    def _create(self, books: Books) -> None:
        self._made += 1
        lines = [self._line(place) for place in range(self.rng.randint(1, 3))]
        self._user(
            do="create_invoice",
            number=f"PL-{self._made:03}",
            customerId=self.rng.choice(books.customers),
            status=self.rng.choice(("Draft", "Approved", "Approved")),
            invoiceDate=self._day(),
            dueDate=self.rng.choice((None, "2026-12-20", "2027-01-10")),
            reference=self.rng.choice(("", f"  PO {self._made} ", f"PO {self._made}")),
            lines=lines,
        )

    def _edit_header(self, books: Books) -> None:
        name, value = self._header()
        self._user(do="edit_invoice", id=self._some(books), set={name: value})

    def _edit_line(self, books: Books) -> None:
        key = self._some(books)
        at = self.rng.randrange(len(books.invoices[key]["lines"]))
        change: dict[str, Any] = self.rng.choice(
            (
                {"unitAmount": self._amount()},
                {"quantity": self.rng.randint(1, 9)},
                {"description": f" Work {self.rng.randint(1, 99)}\r\non site "},
                {"costCode": self.rng.choice(("LAB", "MAT"))},
                {"taxRate": self.rng.choice(("0.15", "0"))},
            )
        )
        self._user(do="edit_line", id=key, line=at, set=change)

    def _add_line(self, books: Books) -> None:
        key = self._some(books)
        lines = [dict(line) for line in books.invoices[key]["lines"]]
        if len(lines) > 1 and self.rng.random() < 0.5:
            lines.pop(self.rng.randrange(len(lines)))
        else:
            lines.append(self._line(len(lines)))
        self._user(do="edit_invoice", id=key, set={"lines": lines})

    def _approve(self, books: Books) -> None:
        self._user(do="approve", id=self._some(books, lambda one: one["status"] == "Draft"))

    def _send(self, books: Books) -> None:
        self._user(do="send", id=self._some(books, lambda one: one["status"] == "Approved"))

    def _delete(self, books: Books) -> None:
        self._user(do="delete", id=self._some(books))

    def _renumber(self, books: Books) -> None:
        self._made += 1
        self._user(do="edit_invoice", id=self._some(books), set={"number": f"PL-{self._made:03}"})

    def _edit_customer(self, books: Books) -> None:
        customer = self.rng.choice(books.customers)
        fields = {"phone": f"555-{self.rng.randint(1000, 9999)}"}
        self._user(do="edit_customer", id=customer, set=fields)

    # --- in Xero

    def _xero_header(self, books: Books) -> None:
        fields = self.rng.choice(
            (
                {"Reference": f"checked {self.rng.randint(1, 99)}"},
                {"DueDate": f"2027-02-{self.rng.randint(10, 28)}"},
                {"Date": self._day()},
            )
        )
        self._keeper("edit", self._document(books), set=fields)

    def _xero_line(self, books: Books) -> None:
        document = self._document(books)
        fields = self.rng.choice(
            (
                {"UnitAmount": self._amount()},
                {"Quantity": str(self.rng.randint(1, 9))},
                {"AccountCode": self.rng.choice(("200", "260"))},
                {"Description": f"Seen {self.rng.randint(1, 99)}"},
            )
        )
        at = self.rng.randrange(len(document["LineItems"]))
        self._keeper("edit", document, lines=[{"place": at, "set": fields}])

    def _xero_lines(self, books: Books) -> None:
        document = self._document(books)
        if len(document["LineItems"]) > 1 and self.rng.random() < 0.5:
            at = self.rng.randrange(len(document["LineItems"]))
            edits: list[dict[str, Any]] = [{"place": at, "remove": True}]
        else:
            new = {"Description": "Travel", "Quantity": "1", "UnitAmount": self._amount()}
            edits = [{"set": {**new, "AccountCode": "200", "TaxType": "OUTPUT2"}}]
        self._keeper("edit", document, lines=edits)

    def _touchless(self, books: Books) -> None:
        document = self._document(books)
        fields = {"DueDate": f"2027-03-{self.rng.randint(10, 28)}"}
        self._keeper("touchless_edit", document, set=fields)

    def _xero_trim(self, books: Books) -> None:
        """White space at the ends: no edit."""
        document = self._document(books)
        text = document["LineItems"][0]["Description"].strip().replace("\r\n", "\n")
        fields = {"Description": f"  {text}  "}
        self._keeper("edit", document, lines=[{"place": 0, "set": fields}])

    def _xero_empty_field(self, books: Books) -> None:
        """A reference where Pipeline has none: nothing it asserts."""
        empty = self._some(books, lambda one: not one["reference"].strip())
        live = books.live(empty)
        if live is None:
            raise ValueError
        self._keeper("edit", live, set={"Reference": f"own {self.rng.randint(1, 99)}"})

    def _rounding(self, books: Books) -> None:
        """Some cents within the tolerance: no edit."""
        by = self.rng.choice(("0.02", "-0.03", "0.05"))
        self._keeper("adjust_totals", self._document(books), by=by)

    def _mail(self, books: Books) -> None:
        self._keeper("mail", self._document(books, lambda one: one["Status"] == "AUTHORISED"))

    def _xero_approve(self, books: Books) -> None:
        self._keeper("approve", self._document(books, lambda one: one["Status"] == "DRAFT"))

    def _pay(self, books: Books) -> None:
        self._keeper("pay", self._document(books, _is_due))

    def _part_pay(self, books: Books) -> None:
        document = self._document(books, _is_due)
        share = Decimal(self.rng.randint(10, 90)) / 100
        amount = (Decimal(document["AmountDue"]) * share).quantize(PLACES)
        self._keeper("part_pay", document, amount=str(amount))

    def _delete_payment(self, books: Books) -> None:
        self._keeper("delete_payment", self._document(books, lambda one: bool(one["Payments"])))

    def _credit(self, books: Books) -> None:
        document = self._document(books, _is_due)
        amount = (Decimal(document["AmountDue"]) / 2).quantize(PLACES)
        kind = self.rng.choice(MONEY_KINDS)
        self._keeper("credit", document, amount=str(amount), kind=kind)

    def _deallocate(self, books: Books) -> None:
        self._keeper("deallocate", self._document(books, lambda one: bool(one["Allocations"])))

    def _void(self, books: Books) -> None:
        self._keeper("void", self._document(books, lambda one: not one["Payments"]))

    def _edit_contact(self, books: Books) -> None:
        phones = [{"PhoneType": "DEFAULT", "PhoneNumber": f"03-{self.rng.randint(1000, 9999)}"}]
        contact = self._document(books)["ContactID"]
        self.coming.do("edit_contact", contact=contact, set={"Phones": phones})

    def _merge(self, books: Books) -> None:
        loser, winner = self._document(books)["ContactID"], self._document(books)["ContactID"]
        self.coming.do("merge", contact=loser, into=winner)

    # --- on both sides

    def _same_on_both(self, books: Books) -> None:
        """The same edit twice, by two people who talked."""
        key = self._some(books, lambda one: books.live(one["id"]) is not None)
        live = books.live(key)
        assert live is not None
        on = self._day()
        reference = f"agreed {self.rng.randint(1, 99)}"
        ours, theirs = self.rng.choice(
            (
                ({"reference": reference}, {"Reference": reference}),
                ({"dueDate": on}, {"DueDate": on}),
            )
        )
        self._keeper("edit", live, set=theirs)
        self._user(do="edit_invoice", id=key, set=ours)

    def _apart_on_both(self, books: Books) -> None:
        key = self._some(books, lambda one: books.live(one["id"]) is not None)
        live = books.live(key)
        assert live is not None
        ours, theirs = f"ours {self.rng.randint(1, 99)}", f"theirs {self.rng.randint(1, 99)}"
        self._keeper("edit", live, set={"Reference": theirs})
        self._user(do="edit_invoice", id=key, set={"reference": ours})

    def _yield_in_xero(self, books: Books) -> None:
        """The bookkeeper gives in: Xero shows again what Pipeline wants."""
        key = self._out_of_sync(books)
        live, one = books.live(key), books.invoices[key]
        assert live is not None
        wanted = books.wanted(key, live)
        if len(one["lines"]) != len(live["LineItems"]):
            raise ValueError
        fields = {
            name: wanted[name]
            for name in ("Reference", "Date", "DueDate", "InvoiceNumber")
            if wanted[name] is not None
        }
        lines = [
            {
                "place": place,
                "set": {
                    name: str(value)
                    for name in ("Description", "Quantity", "UnitAmount", "AccountCode", "TaxType")
                    if (value := wanted[f"{line['LineItemID']}/{name}"]) is not None
                },
            }
            for place, line in enumerate(live["LineItems"])
        ]
        self._keeper("edit", live, set=fields, lines=lines)

    def _yield_in_pipeline(self, books: Books) -> None:
        """Pipeline's office takes what the bookkeeper wrote into the header."""
        key = self._out_of_sync(books)
        live = books.live(key)
        assert live is not None
        taken = {
            "reference": live["Reference"] or "",
            "dueDate": live["DueDate"],
            "invoiceDate": live["Date"],
        }
        self._user(do="edit_invoice", id=key, set=taken)

    # --- hands

    def _user(self, **command: Any) -> None:
        self.coming.rounds.user(**command)

    def _keeper(self, deed: str, document: dict[str, Any], **fields: Any) -> None:
        self.coming.do(deed, invoice=document["InvoiceID"], **fields)

    def _keys(self, books: Books) -> list[str]:
        return [key for key in books.invoices if not books.is_deleted(key)]

    def _some(self, books: Books, fits: Callable[[Any], bool] = lambda _: True) -> str:
        return self.rng.choice([key for key in self._keys(books) if fits(books.invoices[key])])

    def _out_of_sync(self, books: Books) -> str:
        return self._some(
            books,
            lambda one: (
                books.results.get(one["id"], {}).get("state") == "out_of_sync"
                and books.live(one["id"]) is not None
            ),
        )

    def _document(
        self, books: Books, fits: Callable[[Any], bool] = lambda _: True
    ) -> dict[str, Any]:
        found = [each for each in books.documents if each["Status"] not in DEAD and fits(each)]
        return dict(self.rng.choice(found))

    def _header(self) -> tuple[str, Any]:
        return self.rng.choice(
            (
                ("reference", f" job {self.rng.randint(1, 99)} "),
                ("dueDate", f"2027-01-{self.rng.randint(10, 28)}"),
                ("invoiceDate", self._day()),
            )
        )

    def _line(self, place: int) -> dict[str, Any]:
        return {
            "description": f"  Part {place}\r\nas ordered " if place else "Install, zone 2",
            "quantity": self.rng.randint(1, 6),
            "unitAmount": self._amount(),
            "costCode": self.rng.choice(("LAB", "LAB", "MAT")),
            "taxRate": self.rng.choice(("0.15", "0.15", "0")),
        }

    def _amount(self) -> str:
        return f"{self.rng.randint(1_000, 90_000) / 100:.2f}"

    def _day(self) -> str:
        return f"2026-11-{self.rng.randint(10, 28)}"


def _is_due(document: Any) -> bool:
    return document["Status"] == "AUTHORISED" and Decimal(document["AmountDue"]) > 0
