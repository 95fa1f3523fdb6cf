"""Contacts read as Xero shows them and are written slot by slot."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import ContactStatus, ContactWrite, LiveContact, PostalAddress
from syncd.xero import wire, wire_contacts
from tests.xero.support import invoices

SHOWN: dict[str, Any] = {
    "ContactID": invoices.CONTACT,
    "ContactNumber": "cust-1",
    "AccountNumber": "ACME",
    "ContactStatus": "ACTIVE",
    "Name": "Acme Ltd",
    "FirstName": "Ann",
    "LastName": "Lee",
    "EmailAddress": "ann@acme.example",
    "Website": "https://acme.example",
    "Addresses": [
        {"AddressType": "STREET", "AddressLine1": "elsewhere"},
        {
            "AddressType": "POBOX",
            "AddressLine1": "1 High St",
            "AddressLine2": "Unit 2",
            "AddressLine3": "Old Mill",
            "City": "Leeds",
            "Region": "",
            "PostalCode": "LS1",
            "Country": "UK",
        },
    ],
    "Phones": [
        {"PhoneType": "MOBILE", "PhoneNumber": "0"},
        {
            "PhoneType": "DEFAULT",
            "PhoneNumber": "496 0000",
            "PhoneAreaCode": "113",
            "PhoneCountryCode": "44",
        },
    ],
    "UpdatedDateUTC": "/Date(1789378196227+0000)/",
    "IsSupplier": True,
    "ContactGroups": [],
}


def read(**changes: Any) -> LiveContact:
    body = invoices.dumped({"Contacts": [SHOWN | changes]})
    (found,) = wire.decode(wire_contacts.READ, body).contacts
    return wire_contacts.to_live(found)


def written(**fields: Any) -> dict[str, Any]:
    write = ContactWrite(pipeline_id=PipelineCustomerId("cust-1"), **fields)
    found = json.loads(wire_contacts.encode(write))
    assert isinstance(found, dict)
    return found


def test_contact_reads_slot_by_slot() -> None:
    assert read() == LiveContact(
        id=XeroContactId(invoices.CONTACT),
        name="Acme Ltd",
        status=ContactStatus.ACTIVE,
        updated_at=datetime(2026, 9, 14, 9, 29, 56, 227000, tzinfo=UTC),
        number="cust-1",
        account_number="ACME",
        first_name="Ann",
        last_name="Lee",
        email="ann@acme.example",
        phone="44 113 496 0000",
        website="https://acme.example",
        postal_address=PostalAddress(
            line1="1 High St",
            line2="Unit 2, Old Mill",
            city="Leeds",
            postal_code="LS1",
            country="UK",
        ),
        is_supplier=True,
    )


def test_merged_contact_names_its_winner() -> None:
    assert read(MergedToContactID=invoices.GUID).merged_to == invoices.GUID
    assert read(MergedToContactID=wire.ZERO_GUID).merged_to is None


def test_contact_with_bare_slots_is_plain() -> None:
    slots = {"Addresses": [{"AddressType": "POBOX"}], "Phones": [{"PhoneType": "DEFAULT"}]}
    bare = read(**slots, EmailAddress=None)

    assert (bare.phone, bare.email, bare.postal_address) == ("", "", PostalAddress())


@pytest.mark.parametrize("slots", ["Addresses", "Phones"])
@pytest.mark.parametrize("nothing", [None, []])
def test_contact_without_its_slots_has_not_been_emptied(slots: str, nothing: Any) -> None:
    """What a document shows of its contact is so; taken for a contact it would empty a customer."""
    with pytest.raises(Garbled, match=slots):
        read(**{slots: nothing})


@pytest.mark.parametrize("field", ["ContactID", "Name", "ContactStatus", "UpdatedDateUTC"])
def test_missing_field_of_every_contact_is_garbled_and_named(field: str) -> None:
    with pytest.raises(Garbled, match=field):
        read(**{field: None})


def test_create_leaves_out_what_is_empty() -> None:
    """Empty first and last names change how Xero shows a contact."""
    found = written(name="Acme", number="cust-1", first_name="", last_name=None, phone="")

    assert found == {"ContactNumber": "cust-1", "Name": "Acme"}


def test_update_may_empty_a_field_and_touches_no_other() -> None:
    found = written(xero_id=XeroContactId(invoices.CONTACT), email="")

    assert found == {"ContactID": invoices.CONTACT, "EmailAddress": ""}


def test_phone_and_address_go_into_their_slots_whole() -> None:
    found = written(
        name="Acme", phone="+44 113 496 0000", postal_address=PostalAddress(line1="1 High St")
    )

    assert found["Phones"] == [
        {
            "PhoneType": "DEFAULT",
            "PhoneNumber": "+44 113 496 0000",
            "PhoneAreaCode": "",
            "PhoneCountryCode": "",
        }
    ]
    (address,) = found["Addresses"]
    assert address["AddressType"] == "POBOX"
    assert (address["AddressLine1"], address["City"]) == ("1 High St", "")


def test_archiving_is_a_status_of_its_own() -> None:
    found = written(xero_id=XeroContactId(invoices.CONTACT), status=ContactStatus.ARCHIVED)

    assert found == {"ContactID": invoices.CONTACT, "ContactStatus": "ARCHIVED"}


@given(
    line1=invoices.words,
    phone=st.from_regex(r"[0-9+][0-9 ]{0,10}[0-9]", fullmatch=True).map(
        lambda t: " ".join(t.split())
    ),
)
def test_what_was_written_reads_back(line1: str, phone: str) -> None:
    sent = written(name="A", phone=phone, postal_address=PostalAddress(line1=line1))

    found = read(Addresses=sent["Addresses"], Phones=sent["Phones"])

    assert (found.phone, found.postal_address.line1) == (phone, line1)
