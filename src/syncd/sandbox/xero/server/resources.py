"""Which path leads where, which scope it needs, and which query parameters it knows.

Called by the gateway with the path after `/api.xro/2.0/`. Paths ignore case, as Xero's do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import (
    allocations,
    contacts,
    credit_notes,
    invoices_read,
    invoices_write,
    notes,
    payments,
    settings,
)
from syncd.sandbox.xero.ledger.model import CreditKind
from syncd.sandbox.xero.protocol.calls import Call

_LIST = frozenset({"where", "order", "page", "pagesize"})
_INVOICES = _LIST | {
    "ids",
    "invoicenumbers",
    "contactids",
    "statuses",
    "includearchived",
    "createdbymyapp",
    "unitdp",
    "summaryonly",
    "searchterm",
}
_CONTACTS = _LIST | {"ids", "includearchived", "summaryonly", "searchterm"}
_WRITE = frozenset({"summarizeerrors", "unitdp", "allowbackorders"})

INVOICES = "accounting.invoices"
PAYMENTS = "accounting.payments"
CONTACTS = "accounting.contacts"
SETTINGS = "accounting.settings"

Run = Callable[[Call, list[str]], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of call: `pattern` is its path, `*` standing for an identifier."""

    method: str
    pattern: str
    scope: str
    run: Run
    queries: frozenset[str] = field(default_factory=frozenset)

    @property
    def writes(self) -> bool:
        """Whether it changes the books."""
        return self.method != "GET"

    @property
    def operation(self) -> str:
        """How the counters call it: `PUT Invoices`, `GET Invoices/*`."""
        return f"{self.method} {self.pattern}"


def _plain(read: Callable[[Call], Response]) -> Run:
    return lambda call, _: read(call)


def _keyed(read: Callable[[Call, str], Response]) -> Run:
    return lambda call, keys: read(call, keys[0])


def _credit_routes(kind: CreditKind, scope: str) -> tuple[Route, ...]:
    """What credit notes, overpayments and prepayments have in common."""
    reads = _LIST | {"unitdp"}
    return (
        Route("GET", f"{kind}s", scope, lambda call, _: credit_notes.listing(call, kind), reads),
        Route(
            "GET",
            f"{kind}s/*",
            scope,
            lambda call, keys: credit_notes.one(call, keys[0], kind),
            frozenset({"unitdp"}),
        ),
        Route(
            "PUT",
            f"{kind}s/*/Allocations",
            scope,
            lambda call, keys: allocations.create(call, keys[0], kind),
            _WRITE,
        ),
        Route(
            "DELETE",
            f"{kind}s/*/Allocations/*",
            scope,
            lambda call, keys: allocations.delete(call, keys[0], keys[1], kind),
        ),
    )


ROUTES: tuple[Route, ...] = (
    Route("GET", "Invoices", INVOICES, _plain(invoices_read.listing), frozenset(_INVOICES)),
    Route("PUT", "Invoices", INVOICES, _plain(invoices_write.create), _WRITE),
    Route("POST", "Invoices", INVOICES, _plain(invoices_write.upsert), _WRITE),
    Route("GET", "Invoices/*", INVOICES, _keyed(invoices_read.one), frozenset({"unitdp"})),
    Route("POST", "Invoices/*", INVOICES, _keyed(invoices_write.update), _WRITE),
    Route("GET", "Contacts", CONTACTS, _plain(contacts.listing), frozenset(_CONTACTS)),
    Route("PUT", "Contacts", CONTACTS, _plain(contacts.create), _WRITE),
    Route("POST", "Contacts", CONTACTS, _plain(contacts.upsert), _WRITE),
    Route("GET", "Contacts/*", CONTACTS, _keyed(contacts.one)),
    Route("POST", "Contacts/*", CONTACTS, _keyed(contacts.update), _WRITE),
    Route("GET", "Invoices/*/History", INVOICES, _keyed(notes.history)),
    Route("PUT", "Invoices/*/History", INVOICES, _keyed(notes.add)),
    Route("POST", "Invoices/*/Email", INVOICES, _keyed(notes.email)),
    Route("GET", "Invoices/*/OnlineInvoice", INVOICES, _keyed(notes.online)),
    Route("GET", "Payments", PAYMENTS, _plain(payments.listing), _LIST),
    Route("PUT", "Payments", PAYMENTS, _plain(payments.create), _WRITE),
    Route("POST", "Payments", PAYMENTS, _plain(payments.create), _WRITE),
    Route("GET", "Payments/*", PAYMENTS, _keyed(payments.one)),
    Route("POST", "Payments/*", PAYMENTS, _keyed(payments.delete), _WRITE),
    Route("PUT", "CreditNotes", INVOICES, _plain(credit_notes.create), _WRITE),
    Route("POST", "CreditNotes", INVOICES, _plain(credit_notes.upsert), _WRITE),
    Route("POST", "CreditNotes/*", INVOICES, _keyed(credit_notes.update), _WRITE),
    *_credit_routes("CreditNote", INVOICES),
    *_credit_routes("Overpayment", PAYMENTS),
    *_credit_routes("Prepayment", PAYMENTS),
    Route("GET", "Organisation", SETTINGS, _plain(settings.organisations)),
    Route("GET", "Organisation/Actions", SETTINGS, _plain(settings.actions)),
    Route("GET", "Accounts", SETTINGS, _plain(settings.accounts), _LIST),
    Route("GET", "Accounts/*", SETTINGS, _keyed(settings.account)),
    Route("GET", "TaxRates", SETTINGS, _plain(settings.tax_rates), _LIST),
    Route("GET", "Currencies", SETTINGS, _plain(settings.currencies), _LIST),
    Route(
        "GET",
        "TrackingCategories",
        SETTINGS,
        _plain(settings.tracking),
        _LIST | {"includearchived"},
    ),
    Route("GET", "BrandingThemes", SETTINGS, _plain(settings.branding_themes)),
)

# What Xero has and the sandbox does not: refused loudly instead of as unknown.
UNCOVERED = frozenset(
    {
        "banktransactions",
        "banktransfers",
        "batchpayments",
        "budgets",
        "contactgroups",
        "employees",
        "expenseclaims",
        "invoicereminders",
        "items",
        "journals",
        "linkedtransactions",
        "manualjournals",
        "paymentservices",
        "purchaseorders",
        "quotes",
        "receipts",
        "repeatinginvoices",
        "reports",
        "users",
    }
)


def _table() -> dict[tuple[str, ...], dict[str, Route]]:
    table: dict[tuple[str, ...], dict[str, Route]] = {}
    for route in ROUTES:
        key = tuple(route.pattern.lower().split("/"))
        table.setdefault(key, {})[route.method] = route
    return table


_TABLE = _table()


_ROOTS = {*UNCOVERED, *(key[0] for key in _TABLE)}


def _plural(word: str) -> str:
    """A resource's name as its paths begin; `Organisations` and `Invoice` are as good (§3.1)."""
    if word in _ROOTS:
        return word
    return next((each for each in (f"{word}s", word.removesuffix("s")) if each in _ROOTS), word)


def is_uncovered(word: str) -> bool:
    """Whether a path that begins so is Xero's and not the sandbox's."""
    return _plural(word.lower()) in UNCOVERED


def methods_of(segments: list[str]) -> tuple[dict[str, Route], list[str]]:
    """The routes of a path by method, and the identifiers in it; empty when there is none."""
    words = [_plural(segments[0].lower()), *(each.lower() for each in segments[1:])]
    if tuple(words) in _TABLE:
        return _TABLE[tuple(words)], []
    for key, routes in _TABLE.items():
        fits = len(key) == len(words) and all(
            own in {"*", word} for own, word in zip(key, words, strict=True)
        )
        if fits:
            keys = [each for own, each in zip(key, segments, strict=True) if own == "*"]
            return routes, keys
    return {}, []
