"""Which contacts Xero accepts, and what a write would change (facts §4).

Called by `contacts_write` and by the bookkeeper. Nothing here touches the books.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.xero.documents.batches import Claims
from syncd.sandbox.xero.documents.contact_shape import ADDRESS_TYPES, PHONE_TYPES
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Contact

ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
NUMBER_TAKEN = "Another contact has this contact number. Please enter a different contact number."
ACCOUNT_NUMBER_TAKEN = "The Account Number already exists. Please enter a different Account Number."
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
_MOST_PERSONS = 5

# Xero's name -> (attribute, longest; 0: as long as a switch says)
TEXTS = {
    "Name": ("name", 0),
    "ContactNumber": ("number", 50),
    "AccountNumber": ("account_number", 50),
    "CompanyNumber": ("company_number", 50),
    "FirstName": ("first_name", 255),
    "LastName": ("last_name", 255),
    "EmailAddress": ("email", 255),
    "TaxNumber": ("tax_number", 50),
    "BankAccountDetails": ("bank_account", 255),
    "DefaultCurrency": ("default_currency", 3),
}
_ADDRESS_LIMITS = {
    "AddressLine1": 500,
    "AddressLine2": 500,
    "AddressLine3": 500,
    "AddressLine4": 500,
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
    "AttentionTo": 255,
}
_PHONE_LIMITS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}


@dataclass(frozen=True, slots=True)
class Slots:
    """The fixed slots of addresses or phones, and how long their texts may be."""

    kinds: tuple[str, ...]
    key: str
    limits: Mapping[str, int]


def name_taken(name: str) -> str:
    """The recorded sentence."""
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def changes(
    sent: Mapping[str, Any], existing: Contact | None, names_max: int
) -> tuple[dict[str, Any], list[str]]:
    """The attributes a write sets, and what is wrong with them. Slots merge by their type."""
    values: dict[str, Any] = {}
    errors: list[str] = []
    _texts(sent, values, errors, names_max)
    if "ContactStatus" in sent:
        values["status"] = str(sent["ContactStatus"]).upper()
        if values["status"] not in {"ACTIVE", "ARCHIVED"}:
            errors.append(f"The ContactStatus '{sent['ContactStatus']}' cannot be set")
    if values.get("email") and not _EMAIL.fullmatch(values["email"]):
        errors.append("Email address must be valid")
    if "ContactPersons" in sent:
        values["persons"] = [_person(each) for each in sent["ContactPersons"] or ()]
        if len(values["persons"]) > _MOST_PERSONS:
            errors.append(f"A contact can have at most {_MOST_PERSONS} contact persons")
    for name, kinds, key, limits, attribute in (
        ("Addresses", ADDRESS_TYPES, "AddressType", _ADDRESS_LIMITS, "addresses"),
        ("Phones", PHONE_TYPES, "PhoneType", _PHONE_LIMITS, "phones"),
    ):
        if sent.get(name):
            standing = {} if existing is None else getattr(existing, attribute)
            slots = Slots(kinds, key, limits)
            values[attribute] = _merged(standing, sent[name], slots, errors)
    return values, errors


def _texts(
    sent: Mapping[str, Any], values: dict[str, Any], errors: list[str], names_max: int
) -> None:
    for name, (attribute, longest) in TEXTS.items():
        if sent.get(name) is None:
            continue
        text = str(sent[name])
        if 0 < (most := longest or names_max) < len(text):
            errors.append(f"The field {name} is longer than {most} characters")
        values[attribute] = text or None


def _person(sent: Mapping[str, Any]) -> dict[str, Any]:
    names = ("FirstName", "LastName", "EmailAddress")
    person: dict[str, Any] = {name: str(sent[name]) for name in names if sent.get(name)}
    return person | {"IncludeInEmails": sent.get("IncludeInEmails") is True}


def _merged(
    standing: Mapping[str, dict[str, str]],
    sent: Any,
    slots: Slots,
    errors: list[str],
) -> dict[str, dict[str, str]]:
    merged = {kind: dict(slot) for kind, slot in standing.items()}
    for slot in sent:
        kind = str(slot.get(slots.key, "")).upper()
        if kind not in slots.kinds:
            text = f"The {slots.key} '{slot.get(slots.key)}' is not one of {', '.join(slots.kinds)}"
            errors.append(text)
            continue
        own = merged.setdefault(kind, {})
        for name, longest in slots.limits.items():
            if slot.get(name) is None:
                continue
            if len(str(slot[name])) > longest:
                errors.append(f"The field {name} is longer than {longest} characters")
            # An empty text in an empty slot is nothing new: clients echo whole contacts.
            if slot[name] != "" or name in own:
                own[name] = str(slot[name])
    return {kind: slot for kind, slot in merged.items() if slot}


def name_errors(books: Books, name: str | None, own_id: str | None, claims: Claims) -> list[str]:
    """What is wrong with a name: missing, ill-formed, or another active contact's."""
    if not name:
        return ["The Contact Name must be specified"]
    if re.search(r"[<>]", name) or name != " ".join(name.split()):
        return ["The Contact Name cannot contain < or >, nor spaces at its ends or in a row"]
    taken = books.name_key(name) in claims.names or any(
        books.contacts.by_id[each].status == "ACTIVE" and each != own_id
        for each in books.contact_ids(name)
    )
    claims.names.add(books.name_key(name))
    return [name_taken(name)] if taken else []


def number_errors(
    books: Books, number: str | None, own_id: str | None, claims: Claims
) -> list[str]:
    """A ContactNumber somebody else has."""
    if not number:
        return []
    key = number.casefold()
    taken = key in claims.contact_numbers or any(
        each != own_id
        and (
            books.switches.archived_contacts_hold_number
            or books.contacts.by_id[each].status == "ACTIVE"
        )
        for each in books.contact_numbers.get(key, ())
    )
    claims.contact_numbers.add(key)
    if not taken:
        return []
    return [NUMBER_TAKEN]


def account_number_errors(
    books: Books, number: str | None, own_id: str | None, claims: Claims
) -> list[str]:
    """An AccountNumber somebody else has, an archived contact too (facts §4)."""
    if not number or not books.switches.account_numbers_unique:
        return []
    key = number.casefold()
    taken = key in claims.account_numbers or any(
        each != own_id for each in books.account_numbers.get(key, ())
    )
    claims.account_numbers.add(key)
    return [ACCOUNT_NUMBER_TAKEN] if taken else []
