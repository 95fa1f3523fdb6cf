"""What one side moved travels, what both moved is Pipeline's, what nobody moved stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import (
    ContactStatus,
    ContactWrite,
    Customer,
    LiveContact,
    PostalAddress,
)
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.result import FromXero
from syncd.domain.rules.contacts import field_moves
from syncd.domain.rules.contacts.field_moves import Field, FieldMoves
from tests.searching import examples

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CUSTOMER = Customer(
    id=PipelineCustomerId("c-1"),
    ref="ACME-1",
    name="Acme Ltd",
    version=1,
    updated_at=NOW,
    email="a@acme.test",
)
CONTACT = LiveContact(
    id=XeroContactId("x-1"),
    name="Acme Ltd",
    status=ContactStatus.ACTIVE,
    updated_at=NOW,
    number="c-1",
    account_number="ACME-1",
    email="a@acme.test",
)
AGREED = ContactBase(pipeline=CUSTOMER, xero=CONTACT)

names = st.sampled_from(["Acme Ltd", "  Acme   Ltd ", "Acme Group"])
texts = st.sampled_from(["", " ", "one", "two", "one "])
addresses = st.builds(PostalAddress, line1=texts, city=texts)
customers = st.builds(
    replace,
    st.just(CUSTOMER),
    name=names,
    ref=st.sampled_from(["ACME-1", "ACME-2", "x" * 60]),
    first_name=st.none() | texts,
    email=st.none() | texts,
    phone=st.none() | texts,
    website=st.none() | texts,
    postal_address=st.none() | addresses,
)
contacts = st.builds(
    replace,
    st.just(CONTACT),
    name=names,
    account_number=st.sampled_from(["ACME-1", "ACME-2", ""]),
    first_name=texts,
    email=texts,
    phone=texts,
    website=texts,
    postal_address=addresses,
)
bases = st.builds(ContactBase, pipeline=customers, xero=contacts)


def landed(write: ContactWrite, live: LiveContact) -> LiveContact:
    """The contact once Xero took the write: all but the website, which it ignores."""
    fields = ("name", "account_number", "first_name", "email", "phone", "postal_address")
    sent = {field: getattr(write, field) for field in fields}
    return replace(live, **{field: value for field, value in sent.items() if value is not None})


def refreshed(customer: Customer, moved: FromXero) -> Customer:
    """The customer once Pipeline took the refresh."""
    fields = ("name", "first_name", "last_name", "email", "phone", "website", "postal_address")
    taken = {field: getattr(moved, field) for field in fields}
    changes: dict[str, Any] = {field: each for field, each in taken.items() if each is not None}
    return replace(customer, version=customer.version + 1, **changes)


@given(customers, contacts, bases)
def test_a_field_travels_only_from_the_side_that_moved_it(
    customer: Customer, live: LiveContact, base: ContactBase
) -> None:
    assert base.pipeline is not None
    assert base.xero is not None
    sides = field_moves.compare(customer, live, base)

    now, then = field_moves.pipeline_values(customer), field_moves.pipeline_values(base.pipeline)
    shows, showed = field_moves.xero_values(live), field_moves.xero_values(base.xero)
    for field in Field:
        by_pipeline, by_xero = now[field] != then[field], shows[field] != showed[field]
        if field in sides.to_xero:
            assert by_pipeline
            assert now[field] != shows[field]
        if field in sides.from_xero:
            assert by_xero
            assert not by_pipeline
        assert (field in sides.overruled) == (field in sides.to_xero and by_xero)


@given(customers, contacts)
def test_linking_moves_nothing(customer: Customer, live: LiveContact) -> None:
    base = field_moves.base_after_read(None, customer, live, FieldMoves())

    assert field_moves.compare(customer, live, None) == FieldMoves()
    assert field_moves.compare(customer, live, base) == FieldMoves()


@examples(200)
@given(customers, contacts, bases)
def test_one_write_and_one_refresh_settle_everything(
    customer: Customer, live: LiveContact, base: ContactBase
) -> None:
    sides = field_moves.compare(customer, live, base)
    after = live
    if sides.to_xero:
        after = landed(field_moves.write_of(customer, live, sides.to_xero), live)
        moved = field_moves.base_after_write(base, customer, live, after, sides)
    else:
        moved = field_moves.base_after_read(base, customer, live, sides)
    refresh = field_moves.refresh_of(live, sides.from_xero)
    newer = customer if refresh is None else refreshed(customer, refresh)

    agreed = field_moves.accepted(moved, newer)

    assert field_moves.compare(newer, after, agreed) == FieldMoves()


def test_what_pipeline_did_not_take_up_is_offered_again() -> None:
    live = replace(CONTACT, name="Acme Group")
    sides = field_moves.compare(CUSTOMER, live, AGREED)
    moved = field_moves.base_after_read(AGREED, CUSTOMER, live, sides)
    edited = replace(CUSTOMER, version=2, email="new@acme.test")

    found = field_moves.compare(edited, live, field_moves.accepted(moved, edited))

    assert found == FieldMoves(to_xero=(Field.EMAIL,), from_xero=(Field.NAME,))


def test_a_change_in_xero_that_was_taken_back_is_not_pushed_there_again() -> None:
    """Pipeline shows the first state by then; the way back is Xero's move, not Pipeline's."""
    base = AGREED
    for name in ("Acme Group", "Acme Holding"):
        live = replace(CONTACT, name=name)
        sides = field_moves.compare(CUSTOMER, live, base)
        base = field_moves.base_after_read(base, CUSTOMER, live, sides)
    sides = field_moves.compare(CUSTOMER, CONTACT, base)
    base = field_moves.base_after_read(base, CUSTOMER, CONTACT, sides)
    assert sides == FieldMoves()

    took = replace(CUSTOMER, version=2, name="Acme Group")
    found = field_moves.compare(took, CONTACT, field_moves.accepted(base, took))

    assert found == FieldMoves(from_xero=(Field.NAME,))


def test_both_moved_is_pipelines_and_said_so() -> None:
    customer = replace(CUSTOMER, name="Acme Group")
    live = replace(CONTACT, name="Acme Holding", phone="06 1234")

    sides = field_moves.compare(customer, live, AGREED)

    assert sides == FieldMoves(
        to_xero=(Field.NAME,), from_xero=(Field.PHONE,), overruled=(Field.NAME,)
    )
    write = field_moves.write_of(customer, live, sides.to_xero)
    assert write == ContactWrite(pipeline_id=CUSTOMER.id, xero_id=CONTACT.id, name="Acme Group")


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": ""},
        {"website": "https://acme.test"},
        {"ref": "x" * 60},
        {"email": " a@acme.test"},
    ],
)
def test_what_xero_cannot_be_given_stays_at_home(change: dict[str, str]) -> None:
    base = replace(AGREED, pipeline=replace(CUSTOMER, first_name="Ann"))
    customer = replace(CUSTOMER, **{"first_name": "Ann", **change})  # type: ignore[arg-type]  # field names from the table

    assert field_moves.compare(customer, replace(CONTACT, first_name="Ann"), base) == FieldMoves()


def test_what_moved_between_read_and_write_is_found_later() -> None:
    customer = replace(CUSTOMER, email="new@acme.test")
    sides = field_moves.compare(customer, CONTACT, AGREED)
    answered = replace(CONTACT, email="new@acme.test", phone="06 1234")

    base = field_moves.base_after_write(AGREED, customer, CONTACT, answered, sides)

    assert field_moves.compare(customer, answered, base) == FieldMoves(from_xero=(Field.PHONE,))


def test_a_look_tells_a_landed_write_from_one_that_did_not() -> None:
    write = ContactWrite(
        pipeline_id=CUSTOMER.id, xero_id=CONTACT.id, email="new@acme.test", website="https://a.test"
    )
    after = replace(CONTACT, email="new@acme.test")
    other = replace(CONTACT, email="third@acme.test")

    assert field_moves.is_as_sent(write, after)
    assert not field_moves.is_as_sent(write, CONTACT)
    assert field_moves.is_as_before(write, CONTACT, replace(CONTACT, phone="06 1234"))
    assert not field_moves.is_as_before(write, CONTACT, other)


def test_an_archive_landed_when_the_contact_is_archived() -> None:
    write = ContactWrite(pipeline_id=CUSTOMER.id, xero_id=CONTACT.id, status=ContactStatus.ARCHIVED)

    assert field_moves.is_as_before(write, CONTACT, CONTACT)
    assert field_moves.is_as_sent(write, replace(CONTACT, status=ContactStatus.ARCHIVED))
