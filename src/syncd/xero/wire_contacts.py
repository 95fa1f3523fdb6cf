"""Contacts on Xero's wire: read as LiveContact, written from ContactWrite.

Called by `ledger` and `answers`. Source: Xero docs, Accounting API, Contacts (facts §4).
"""

from __future__ import annotations

import msgspec

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import (
    ContactStatus,
    ContactWrite,
    LiveContact,
    PostalAddress,
)
from syncd.xero import wire
from syncd.xero.wire import ListWire, Objections, Written

POSTAL = "POBOX"
"""Xero's postal slot; STREET is the physical one."""
MAIN_PHONE = "DEFAULT"


class AddressWire(Written):
    """One of the fixed address slots."""

    address_type: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    address_line4: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class PhoneWire(Written):
    """One of the fixed phone slots."""

    phone_type: str | None = None
    phone_number: str | None = None
    phone_area_code: str | None = None
    phone_country_code: str | None = None


class ContactWritten(Written):
    """One element of a write call."""

    contact_id: str | None = None
    contact_number: str | None = None
    account_number: str | None = None
    contact_status: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    website: str | None = None
    addresses: list[AddressWire] | None = None
    phones: list[PhoneWire] | None = None


class ContactWire(ContactWritten):
    """A contact, whole or as an answer to a write echoes it."""

    is_supplier: bool | None = None
    merged_to_contact_id: str | None = None
    updated_date_utc: str | None = None
    has_validation_errors: bool | None = None
    status_attribute_string: str | None = None
    validation_errors: Objections = None


class ContactsWire(ListWire, kw_only=True):
    """A list of contacts, as read."""

    contacts: list[ContactWire]


READ = msgspec.json.Decoder(ContactsWire)
READ_ONE = msgspec.json.Decoder(ContactWire)


def to_live(found: ContactWire, *, is_whole: bool = True) -> LiveContact:
    """Our words for a contact. `is_whole` False: a row of a summary, which has no slots.

    Raises Garbled, naming the field. The slots of phones and addresses are always there, whatever
    stands in them (facts §4): without them nobody has emptied anything.
    """
    if is_whole and not found.phones:
        wire.garbled("Phones", "missing or empty")
    if is_whole and not found.addresses:
        wire.garbled("Addresses", "missing or empty")
    merged_to = found.merged_to_contact_id
    return LiveContact(
        id=XeroContactId(wire.required(found.contact_id, "ContactID")),
        name=wire.required(found.name, "Name"),
        status=wire.one_of(ContactStatus, found.contact_status, "ContactStatus"),
        updated_at=wire.read_instant(found.updated_date_utc, "UpdatedDateUTC"),
        number=found.contact_number or "",
        account_number=found.account_number or "",
        first_name=found.first_name or "",
        last_name=found.last_name or "",
        email=found.email_address or "",
        phone=_phone(found),
        website=found.website or "",
        postal_address=_postal_address(found),
        is_supplier=bool(found.is_supplier),
        merged_to=None if wire.is_zero(merged_to) else XeroContactId(merged_to or ""),
    )


def objections(found: ContactWire) -> tuple[str, ...]:
    """Everything Xero objects to."""
    return wire.texts(found.validation_errors)


def _phone(found: ContactWire) -> str:
    """Country, area and number of the main phone as one text, as people write it."""
    for one in found.phones or ():
        if one.phone_type == MAIN_PHONE:
            parts = (one.phone_country_code, one.phone_area_code, one.phone_number)
            return " ".join(part.strip() for part in parts if part and part.strip())
    return ""


def _postal_address(found: ContactWire) -> PostalAddress:
    """The postal slot. Lines three and four join the second: Pipeline knows two."""
    for one in found.addresses or ():
        if one.address_type == POSTAL:
            lower = (one.address_line2, one.address_line3, one.address_line4)
            return PostalAddress(
                line1=one.address_line1 or "",
                line2=", ".join(line for line in lower if line),
                city=one.city or "",
                region=one.region or "",
                postal_code=one.postal_code or "",
                country=one.country or "",
            )
    return PostalAddress()


def encode(write: ContactWrite) -> bytes:
    """One element: what is None is not sent.

    A create leaves out empty texts too: empty first and last names change how Xero shows a
    contact (facts §4). An update may send one, to take a value away.
    """
    keep_empty = write.xero_id is not None

    def text(value: str | None) -> str | None:
        return value if value or keep_empty else None

    return wire.ENCODER.encode(
        ContactWritten(
            contact_id=write.xero_id,
            contact_number=text(write.number),
            account_number=text(write.account_number),
            contact_status=write.status,
            name=write.name,
            first_name=text(write.first_name),
            last_name=text(write.last_name),
            email_address=text(write.email),
            website=text(write.website),
            addresses=_addresses(write.postal_address, keep_empty=keep_empty),
            phones=_phones(write.phone, keep_empty=keep_empty),
        )
    )


def _addresses(address: PostalAddress | None, *, keep_empty: bool) -> list[AddressWire] | None:
    """The postal slot; other slots stay as they stand (facts §4).

    An update empties lines three and four: they were read as part of the second.
    """
    if address is None:
        return None
    lower = "" if keep_empty else None
    return [
        AddressWire(
            address_type=POSTAL,
            address_line1=address.line1,
            address_line2=address.line2,
            address_line3=lower,
            address_line4=lower,
            city=address.city,
            region=address.region,
            postal_code=address.postal_code,
            country=address.country,
        )
    ]


def _phones(phone: str | None, *, keep_empty: bool) -> list[PhoneWire] | None:
    """The main phone, whole in its number; the codes are emptied so that they are not doubled."""
    if phone is None or not (phone or keep_empty):
        return None
    return [
        PhoneWire(
            phone_type=MAIN_PHONE, phone_number=phone, phone_area_code="", phone_country_code=""
        )
    ]
