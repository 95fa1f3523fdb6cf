"""How a contact looks in an answer (facts §4, §3.3).

Called wherever a contact is drawn. Addresses and phones have fixed slots; empties in a slot are
sent as `""`, other empties are left out.
"""

from __future__ import annotations

from typing import Any

from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Contact
from syncd.sandbox.xero.ledger.wire_dates import instant

ADDRESS_TYPES = ("STREET", "POBOX")
PHONE_TYPES = ("DEFAULT", "DDI", "FAX", "MOBILE")
_ADDRESS_EMPTIES = ("City", "Region", "PostalCode", "Country")
_PHONE_EMPTIES = ("PhoneNumber", "PhoneAreaCode", "PhoneCountryCode")


def full(books: Books, contact: Contact) -> dict[str, Any]:
    """The contact in full. The row is shared between answers: copy it before changing it."""
    if books.switches.read_lag_s:
        return _draw(contact)
    row = books.drawn_contacts.get(contact.id)
    if row is None:
        row = books.drawn_contacts[contact.id] = _draw(contact)
    return row


def thin(contact: Contact | None) -> dict[str, Any]:
    """The contact as it stands in summaries of invoices."""
    named = {} if contact is None else {"ContactID": contact.id, "Name": contact.name}
    return {
        **named,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def listed(books: Books, contact: Contact) -> dict[str, Any]:
    """The contact as an unpaged list shows it: fewer fields."""
    left_out = {
        "ContactPersons",
        "MergedToContactID",
        "SalesTrackingCategories",
        "PurchasesTrackingCategories",
    }
    return {name: value for name, value in full(books, contact).items() if name not in left_out}


def summary(books: Books, contact: Contact) -> dict[str, Any]:
    """The contact as `summaryOnly` shows it: no addresses, phones or persons."""
    return {
        name: value
        for name, value in listed(books, contact).items()
        if name not in {"Addresses", "Phones", "ContactGroups"}
    }


def slots(contact: Contact) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The fixed slots of addresses and of phones, filled in."""
    addresses = [
        {
            "AddressType": kind,
            **dict.fromkeys(_ADDRESS_EMPTIES, ""),
            **contact.addresses.get(kind, {}),
        }
        for kind in ADDRESS_TYPES
    ]
    phones = [
        {"PhoneType": kind, **dict.fromkeys(_PHONE_EMPTIES, ""), **contact.phones.get(kind, {})}
        for kind in PHONE_TYPES
    ]
    return addresses, phones


def _draw(contact: Contact) -> dict[str, Any]:
    addresses, phones = slots(contact)
    optional = {
        "ContactNumber": contact.number,
        "AccountNumber": contact.account_number,
        "CompanyNumber": contact.company_number,
        "FirstName": contact.first_name,
        "LastName": contact.last_name,
        "EmailAddress": contact.email,
        "TaxNumber": contact.tax_number,
        "BankAccountDetails": contact.bank_account,
        "DefaultCurrency": contact.default_currency,
        "MergedToContactID": contact.merged_to,
    }
    return {
        "ContactID": contact.id,
        "ContactStatus": contact.status,
        "Name": contact.name,
        **{name: value for name, value in optional.items() if value},
        "Addresses": addresses,
        "Phones": phones,
        "UpdatedDateUTC": instant(contact.updated_ms),
        "ContactGroups": [],
        "IsSupplier": contact.is_supplier,
        "IsCustomer": contact.is_customer,
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
        "ContactPersons": contact.persons,
        "HasAttachments": False,
        "HasValidationErrors": False,
    }
