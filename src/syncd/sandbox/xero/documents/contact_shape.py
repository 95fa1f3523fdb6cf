"""How a contact looks: written, read, listed, and inside each kind of document (facts §4).

Called wherever a contact is drawn. Addresses and phones have fixed slots; empties in a slot are
sent as `""`, other empties are left out. The rows stand in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import ZERO, Contact
from syncd.sandbox.xero.ledger.org_dates import today
from syncd.sandbox.xero.ledger.wire_dates import instant

ADDRESS_TYPES = ("STREET", "POBOX")
PHONE_TYPES = ("DEFAULT", "DDI", "FAX", "MOBILE")
_ADDRESS_EMPTIES = ("City", "Region", "PostalCode", "Country")
_PHONE_EMPTIES = ("PhoneNumber", "PhoneAreaCode", "PhoneCountryCode")
_TRACKING = ("SalesTrackingCategories", "PurchasesTrackingCategories")
_IN_NO_CREDIT = frozenset({"IsSupplier", "IsCustomer", *_TRACKING})
_IN_NO_SUMMARY = frozenset({"Addresses", "Phones", "ContactGroups", "ContactPersons"})
_HEAD = (
    *("ContactID", "ContactNumber", "AccountNumber", "CompanyNumber", "ContactStatus", "Name"),
    *("FirstName", "LastName"),
)
_SAID_BY_A_WRITE = ("EmailAddress", "BankAccountDetails")
_PARTIES = ("AccountsReceivable", "AccountsPayable")


def written(books: Books, contact: Contact) -> dict[str, Any]:
    """The row a PUT or POST of contacts answers with."""
    row = dict(_drawn(books, contact))
    head = {name: row.pop(name) for name in _HEAD if name in row}
    said = {name: row.pop(name, "") for name in _SAID_BY_A_WRITE}
    return {**head, **said, **row}


def by_id(books: Books, contact: Contact, at_ms: int) -> dict[str, Any]:
    """The row of one contact that was asked for."""
    row = paged(books, contact, at_ms)
    flags = {name: row.pop(name) for name in ("HasAttachments", "HasValidationErrors")}
    return {**row, "Attachments": [], **flags}


def paged(books: Books, contact: Contact, at_ms: int) -> dict[str, Any]:
    """The row of a page."""
    row = {name: own for name, own in _drawn(books, contact).items() if name not in _TRACKING}
    row["Phones"] = sorted(row["Phones"], key=lambda slot: slot["PhoneType"])
    persons, has_errors = row.pop("ContactPersons"), row.pop("HasValidationErrors")
    if balances := _balances(books, contact, at_ms):
        row["Balances"] = balances
    if contact.merged_to:
        row["MergedToContactID"] = contact.merged_to
    row["ContactPersons"] = persons
    row["HasAttachments"] = False
    row["HasValidationErrors"] = has_errors
    return row


def listed(books: Books, contact: Contact, at_ms: int) -> dict[str, Any]:
    """The row of a list without a page: it does not say into whom a contact was merged."""
    row = paged(books, contact, at_ms)
    row.pop("MergedToContactID", None)
    return row


def summary(books: Books, contact: Contact, at_ms: int) -> dict[str, Any]:
    """The row of `summaryOnly=true`: no addresses, phones, groups or persons."""
    row = listed(books, contact, at_ms)
    return {name: value for name, value in row.items() if name not in _IN_NO_SUMMARY}


def in_invoice(books: Books, contact: Contact) -> dict[str, Any]:
    """The contact inside an invoice that was written or read by id; shared: copy, do not change."""
    return _drawn(books, contact)


def in_credit(books: Books, contact: Contact) -> dict[str, Any]:
    """The contact inside a credit note that was written or read by id."""
    row = _drawn(books, contact)
    return {name: value for name, value in row.items() if name not in _IN_NO_CREDIT}


def in_payment(contact: Contact) -> dict[str, Any]:
    """The contact inside the invoice of a payment that was written or read by id."""
    return {
        "ContactID": contact.id,
        "Name": contact.name,
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def thin(contact: Contact | None) -> dict[str, Any]:
    """The contact as it stands in pages and lists of documents."""
    named = {} if contact is None else {"ContactID": contact.id, "Name": contact.name}
    return {
        **named,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def slots(contact: Contact) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The fixed slots of addresses and of phones, filled in.

    Of a contact that was not made through the API a slot nobody touched is its bare type, and the
    post box comes first.
    """
    kinds = ADDRESS_TYPES if contact.made_by_app else ADDRESS_TYPES[::-1]
    addresses = [
        _slot("AddressType", kind, _ADDRESS_EMPTIES, contact.addresses, contact) for kind in kinds
    ]
    phones = [
        _slot("PhoneType", kind, _PHONE_EMPTIES, contact.phones, contact) for kind in PHONE_TYPES
    ]
    return addresses, phones


def _slot(
    key: str,
    kind: str,
    empties: Iterable[str],
    filled: dict[str, dict[str, str]],
    contact: Contact,
) -> dict[str, str]:
    if kind not in filled and not contact.made_by_app:
        return {key: kind}
    return {key: kind, **dict.fromkeys(empties, ""), **filled.get(kind, {})}


def _drawn(books: Books, contact: Contact) -> dict[str, Any]:
    """What every context shows; the row is shared between answers."""
    if books.switches.read_lag_s or contact.id not in books.contacts.by_id:
        return _draw(contact)
    row = books.drawn_contacts.get(contact.id)
    if row is None:
        row = books.drawn_contacts[contact.id] = _draw(contact)
    return row


def _draw(contact: Contact) -> dict[str, Any]:
    addresses, phones = slots(contact)
    row = {
        "ContactID": contact.id,
        "ContactNumber": contact.number,
        "AccountNumber": contact.account_number,
        "CompanyNumber": contact.company_number,
        "ContactStatus": contact.status,
        "Name": contact.name,
        "FirstName": contact.first_name,
        "LastName": contact.last_name,
        "EmailAddress": contact.email,
        "BankAccountDetails": contact.bank_account,
        "TaxNumber": contact.tax_number,
        "Addresses": addresses,
        "Phones": phones,
        "UpdatedDateUTC": instant(contact.updated_ms),
        "ContactGroups": [],
        "IsSupplier": contact.is_supplier,
        "IsCustomer": contact.is_customer,
        "DefaultCurrency": contact.default_currency,
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
        "ContactPersons": contact.persons,
        "HasValidationErrors": False,
    }
    return {name: value for name, value in row.items() if value is not None}


def _balances(books: Books, contact: Contact, at_ms: int) -> dict[str, dict[str, Decimal]]:
    """What is open between them, and of it what is overdue; nothing when nothing is open."""
    on, open_ = today(books, at_ms), dict.fromkeys(_PARTIES, ZERO)
    overdue = dict(open_)
    for identifier in books.by_contact.get(contact.id, ()):
        invoice = books.invoices.by_id[identifier]
        if invoice.status != "AUTHORISED" or not invoice.amount_due:
            continue
        party = _PARTIES[invoice.type == "ACCPAY"]
        open_[party] += invoice.amount_due
        if invoice.due_on is not None and invoice.due_on < on:
            overdue[party] += invoice.amount_due
    for identifier in books.credits_of.get(contact.id, ()):
        credit = books.credits.by_id[identifier]
        if credit.status == "AUTHORISED":
            open_[_PARTIES[credit.type.startswith(("ACCPAY", "SPEND"))]] -= credit.remaining
    if not any(open_.values()):
        return {}
    return {each: {"Outstanding": open_[each], "Overdue": overdue[each]} for each in _PARTIES}
