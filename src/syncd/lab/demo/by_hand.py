"""Books that were kept by hand: a second tenant, whose organisation has most of its invoices.

Called by `lab.demo.stage`; it is connected in `observe`, for whoever wants to try `syncd plan` and
`syncd apply`. The plan finds something of every kind there: what stands alike in both books, what
differs, what is missing in Xero, and a customer whom nobody but a person can tell from another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.seed import Country
from syncd.sandbox.user import User

TENANT = "by-hand"
ORGANISATION = 1
"""Its place among the pretend Xero's organisations; that of `demo` is 0."""
COUNTRY: Country = "AU"
ALIKE, DIFFERENT, MISSING, UNCLEAR = 14, 2, 4, 2
"""How many invoices stand alike in both, at another price in Xero, not in Xero, and how many are of
the customer whom two contacts could be."""

COST_CODES = {"LAB": "210"}
TAX_TYPES = {"0.1": "OUTPUT"}
"""As the tenant's settings must have them."""

Bookkeeper = Callable[[dict[str, Any]], Mapping[str, Any]]
_CUSTOMERS = ("Kauri Kitchens", "Matai Motors", "Rimu Roofing", "Totara Tiling", "Weka Wharf Cafe")
_TWICE = "Pukeko Plumbing"
((_COST_CODE, _ACCOUNT),) = COST_CODES.items()
((_RATE, _TAX_TYPE),) = TAX_TYPES.items()
_TERM = timedelta(days=20)
_DEARER = Decimal("1.10")


def keep(pipeline: PipelineWorld, bookkeeper: Bookkeeper) -> None:
    """Fill the tenant's books and its organisation's; the same books every time."""
    books = _Books(User(pipeline), bookkeeper, today=pipeline.clock.utc().date())
    known = [books.customer(f"H-{at:03d}", name) for at, name in enumerate(_CUSTOMERS, 1)]
    for at in range(ALIKE + DIFFERENT + MISSING):
        customer, contact = known[at % len(known)]
        number = books.invoice(at, customer)
        if at < ALIKE + DIFFERENT:
            books.document(at, number, contact, by=_DEARER if at >= ALIKE else Decimal(1))
    twice = books.known_twice("H-900", _TWICE)
    for at in range(ALIKE + DIFFERENT + MISSING, ALIKE + DIFFERENT + MISSING + UNCLEAR):
        books.invoice(at, twice)


class _Books:
    """Both sides of one tenant while somebody fills them."""

    def __init__(self, user: User, bookkeeper: Bookkeeper, *, today: date) -> None:
        self._user = user
        self._bookkeeper = bookkeeper
        self._today = today

    def customer(self, ref: str, name: str) -> tuple[str, str]:
        """A customer and the contact that is plainly hers."""
        return self._customer(ref, name), self._contact(ref, name)

    def known_twice(self, ref: str, name: str) -> str:
        """A customer whose reference two contacts carry."""
        for branch in ("North", "South"):
            self._contact(ref, f"{name} {branch}")
        return self._customer(ref, name)

    def invoice(self, at: int, customer: str) -> str:
        """An invoice in Pipeline; its number."""
        number, line = f"HAND-{at + 1:03d}", _line(at)
        self._user(
            {
                "do": "create_invoice",
                "tenant": TENANT,
                "number": number,
                "customerId": customer,
                "status": "Approved",
                "invoiceDate": self._day(at).isoformat(),
                "dueDate": (self._day(at) + _TERM).isoformat(),
                "lines": [{**line, "costCode": _COST_CODE, "taxRate": Decimal(_RATE)}],
            }
        )
        return number

    def document(self, at: int, number: str, contact: str, *, by: Decimal) -> None:
        """The same invoice as the bookkeeper typed it into Xero, its price multiplied."""
        line = _line(at)
        typed = {
            "Description": line["description"],
            "Quantity": str(line["quantity"]),
            "UnitAmount": str(line["unitAmount"] * by),
            "AccountCode": _ACCOUNT,
            "TaxType": _TAX_TYPE,
        }
        self._do(
            "create_invoice",
            contact=contact,
            InvoiceNumber=number,
            Date=self._day(at).isoformat(),
            DueDate=(self._day(at) + _TERM).isoformat(),
            LineAmountTypes="Exclusive",
            LineItems=[typed],
        )

    def _customer(self, ref: str, name: str) -> str:
        made = self._user({"do": "create_customer", "tenant": TENANT, "ref": ref, "name": name})
        return str(made["id"])

    def _contact(self, ref: str, name: str) -> str:
        return str(self._do("create_contact", Name=name, AccountNumber=ref)["ContactID"])

    def _do(self, action: str, **fields: Any) -> Mapping[str, Any]:
        return self._bookkeeper({"do": action, "organisation": ORGANISATION, **fields})

    def _day(self, at: int) -> date:
        return self._today - timedelta(days=2 * at + 1)


def _line(at: int) -> dict[str, Any]:
    return {
        "description": f"Visit {at + 1}, as agreed",
        "quantity": Decimal(at % 4 + 1),
        "unitAmount": Decimal(80 + 5 * at),
    }
