"""Books to begin with: customers and invoices of a building trade, and a few that cannot be sent.

Called by `syncd sandbox`, the demo and the benchmark. Same seed, same books. What cannot be sent is
planted, with the reason code it is expected to be held for, in the tenant's `planted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal

from syncd.sandbox.pipeline.app import PipelineWorld, Tenant
from syncd.sandbox.pipeline.totals import totals
from syncd.sandbox.seed_words import CITIES, FIRST, LAST, PARTS, PLACES, TRADES, WORK

Bookkeeper = Callable[[dict[str, Any]], Mapping[str, Any]]

COST_CODES = {"LAB": "210", "MAT": "220", "CALL": "200", "EXP": "230"}
"""Cost code to account of the pretend Xero's chart, as the tenant's settings must have it."""
Country = Literal["NZ", "AU", "GB", "US"]
"""Where an organisation with seeded books can be."""
TAX_TYPES_OF: Mapping[Country, Mapping[str, str]] = {
    "NZ": {"0.15": "OUTPUT2", "0": "ZERORATED"},
    "AU": {"0.1": "OUTPUT", "0": "EXEMPTEXPORT"},
    "GB": {"0.2": "OUTPUT2", "0": "ZERORATEDOUTPUT"},
    "US": {"0.0825": "OUTPUT", "0": "NONE"},
}
"""Tax rate to TaxType by country, the standard rate first, as a tenant's settings must have it."""
TAX_TYPES = TAX_TYPES_OF["NZ"]
"""Those of the first pretend organisation, where nobody chooses a country."""
_COUNTRIES = {
    "NZ": "New Zealand",
    "AU": "Australia",
    "GB": "United Kingdom",
    "US": "United States",
}
_MONTHS_A_RETURN = {"AU": 3, "GB": 3}
"""Who closes the books with each return, of so many months; nobody does elsewhere."""
_CLOSES_AFTER_DAYS = 60
REASONS = (
    "account_unmapped",
    "totals_mismatch",
    "number_taken",
    "contact_unmapped",
    "invalid_document",
)
_OFFICE = ("the office", "the front desk", "the site office")
_MOST_LINES = 8
_MOST_DAYS_AGO = 45
_MOST_PLANTED = 3
_FEWEST_INVOICES = 10
_TOO_LONG = 4001
_OFF_BY = Decimal("0.05")


def seed_books(
    world: PipelineWorld,
    bookkeepers: Mapping[str, Bookkeeper],
    *,
    seed: int,
    customers: int,
    invoices: int,
    country: Country = "NZ",
) -> None:
    """Fill the tenants named in `bookkeepers`, each a person in that tenant's Xero organisation.

    `country` says at which rates they invoice, and whether closed quarters are locked. From ten
    invoices on, one to three of each kind in `REASONS` are among them.
    """
    for name, bookkeeper in bookkeepers.items():
        rng = Random(f"seed-{seed}-{name}")  # noqa: S311 - a pretend world's dice
        planting = _Planting(world, world.tenants[name], bookkeeper, rng, country)
        planting.fill(customers, invoices)


def closed_until(country: Country, today: date) -> date | None:
    """The last day of the quarter whose return is in; None where nobody closes by returns."""
    months = _MONTHS_A_RETURN.get(country)
    if months is None:
        return None
    past = today - timedelta(days=_CLOSES_AFTER_DAYS)
    first = past.replace(month=(past.month - 1) // months * months + 1, day=1)
    return first - timedelta(days=1)


class _Planting:
    """One tenant's books being filled."""

    def __init__(
        self,
        world: PipelineWorld,
        tenant: Tenant,
        bookkeeper: Bookkeeper,
        rng: Random,
        country: Country,
    ) -> None:
        self._country = country
        self._tenant = tenant
        self._tenant.tax_rate = Decimal(next(iter(TAX_TYPES_OF[country])))
        self._bookkeeper = bookkeeper
        self._rng = rng
        self._today = world.clock.utc().date()
        self._made = 0

    def fill(self, customers: int, invoices: int) -> None:
        if closed_on := closed_until(self._country, self._today):
            self._bookkeeper({"do": "lock", "period": closed_on.isoformat()})
        each = min(_MOST_PLANTED, max(1, invoices // 50)) if invoices >= _FEWEST_INVOICES else 0
        sound = [self._customer(at) for at in range(1, max(customers, 1) + 1)]
        bad = [reason for reason in REASONS for _ in range(each)]
        places = self._rng.sample(range(invoices), len(bad))
        planted = dict(zip(sorted(places), self._rng.sample(bad, len(bad)), strict=True))
        for at in range(invoices):
            reason = planted.get(at)
            customer = self._unmapped() if reason == "contact_unmapped" else self._one(sound)
            fields = self._invoice(customer)
            if reason is not None:
                self._spoil(fields, reason)
            identity = self._create("invoice", fields)
            if reason is not None:
                self._tenant.planted[identity] = reason

    def _create(self, kind: str, fields: Mapping[str, Any]) -> str:
        return self._tenant.books.create(kind, fields, by=self._one(_OFFICE))

    def _one(self, choices: Sequence[Any]) -> Any:
        return self._rng.choice(choices)

    def _chance(self, per_cent: int) -> bool:
        return self._rng.randrange(100) < per_cent

    def _customer(self, at: int) -> str:
        first, last = self._one(FIRST), self._one(LAST)
        name = f"{self._one(PLACES)} {self._one(TRADES)} {at}"
        mail = f"{first}.{last}@{name.replace(' ', '-')}.example".lower()
        address = {
            "line1": f"{self._rng.randint(1, 240)} {self._one(PLACES)} Street",
            "city": self._one(CITIES),
            "postalCode": f"{self._rng.randint(600, 9899):04d}",
            "country": _COUNTRIES[self._country],
        }
        fields = {
            "ref": f"C-{at:05d}",
            "name": name,
            "firstName": first,
            "lastName": last,
            "email": mail if self._chance(90) else None,
            "phone": f"09 555 {self._rng.randint(1000, 9999)}",
            "website": f"https://www.{mail.partition('@')[2]}",
            "postalAddress": address if self._chance(80) else None,
        }
        return self._create("customer", fields)

    def _unmapped(self) -> str:
        """A customer whose reference two contacts in Xero carry: nobody can tell which."""
        ref = f"X-{self._made:05d}"
        for side in ("Front", "Back"):
            name = f"{self._one(PLACES)} {side} Office {ref}"
            contact = {"do": "create_contact", "Name": name, "AccountNumber": ref}
            self._bookkeeper(contact)
        return self._create("customer", {"ref": ref, "name": f"Twice Known Builders {ref}"})

    def _invoice(self, customer: str) -> dict[str, Any]:
        self._made += 1
        day = self._today - timedelta(days=self._rng.randint(0, _MOST_DAYS_AGO))
        due = self._one((None, 7, 14, 20, 30))
        kind = self._rng.choices(("Exclusive", "Inclusive", "NoTax"), (70, 20, 10))[0]
        return {
            "number": f"INV-{1000 + self._made}",
            "reference": f"JOB-{self._rng.randint(1, 9999):04d}",
            "customerId": customer,
            "status": self._rng.choices(("Draft", "Approved", "Sent"), (30, 45, 25))[0],
            "invoiceDate": day.isoformat(),
            "dueDate": None if due is None else (day + timedelta(days=due)).isoformat(),
            "lineAmountTypes": kind,
            "lines": [self._line(kind) for _ in range(self._rng.randint(1, _MOST_LINES))],
        }

    def _line(self, line_amount_types: str) -> dict[str, Any]:
        code = self._rng.choices((*COST_CODES,), (40, 35, 20, 5))[0]
        untaxed = line_amount_types == "NoTax"
        fine = self._chance(30)
        return {
            "id": self._tenant.books.new_id(),
            "description": f"{self._one(WORK)}, {self._one(PARTS)}",
            "quantity": Decimal(self._rng.randint(1, 160)) / 4,
            "unitAmount": Decimal(self._rng.randint(1_000, 3_000_000)) / (10_000 if fine else 100),
            "discountPercent": Decimal(self._one(("5", "10", "12.5")))
            if self._chance(15)
            else None,
            "costCode": code,
            "taxType": "NONE" if untaxed else None,
            "taxRate": Decimal(0) if untaxed or code == "EXP" else self._tenant.tax_rate,
        }

    def _spoil(self, fields: dict[str, Any], reason: str) -> None:
        fields["status"] = "Approved"
        lines = fields["lines"]
        if reason == "account_unmapped":
            lines[0]["costCode"] = "GHOST"
        elif reason == "totals_mismatch":
            right = totals(lines, fields["lineAmountTypes"])
            fields["tax"], fields["total"] = right["tax"] + _OFF_BY, right["total"] + _OFF_BY
        elif reason == "number_taken":
            self._bookkeeper({"do": "create_invoice", "InvoiceNumber": fields["number"]})
        elif reason == "invalid_document":
            if self._chance(50):
                fields["lines"] = []
            else:
                lines[0]["description"] = "Long story. " * (_TOO_LONG // len("Long story. ") + 1)
