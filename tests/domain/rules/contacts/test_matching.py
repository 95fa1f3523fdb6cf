"""A customer is never given two contacts, nor two customers one, and a doubt goes to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

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
from syncd.domain.model.settings import CreateContacts
from syncd.domain.rules.contacts import matching

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CUSTOMER = Customer(
    id=PipelineCustomerId("c-1"), ref="ACME-1", name="Acme Ltd", version=1, updated_at=NOW
)
STRANGER = LiveContact(
    id=XeroContactId("x-1"), name="Somebody", status=ContactStatus.ACTIVE, updated_at=NOW
)
ids = st.sampled_from(["x-1", "x-2", "x-3"]).map(XeroContactId)
contacts = st.lists(
    st.builds(
        LiveContact,
        id=ids,
        name=st.sampled_from(["Acme Ltd", "acme  LTD", "Other"]),
        status=st.sampled_from(ContactStatus),
        updated_at=st.just(NOW),
        number=st.sampled_from(["", "c-1", "c-2"]),
        account_number=st.sampled_from(["", "ACME-1", "ACME-2"]),
        merged_to=st.none() | ids,
    ),
    max_size=3,
    unique_by=lambda contact: contact.id,
)
customers = st.builds(
    replace,
    st.just(CUSTOMER),
    ref=st.sampled_from(["", "ACME-1"]),
    xero_contact_id=st.none() | ids,
)


@given(customers, st.none() | ids, contacts, st.sets(ids))
def test_a_match_links_only_an_active_contact_that_something_certain_names(
    customer: Customer,
    link: XeroContactId | None,
    candidates: list[LiveContact],
    taken: set[XeroContactId],
) -> None:
    found = matching.match(customer, link, candidates, taken=taken)

    if isinstance(found, matching.Linked):
        contact = next(each for each in candidates if each.id == found.id)
        assert contact.status is ContactStatus.ACTIVE
        assert contact.merged_to is None or contact.number != customer.id
        assert (
            found.id in (link, customer.xero_contact_id)
            or contact.number == customer.id
            or contact.account_number == customer.ref != ""
        )


@given(customers, st.none() | ids, contacts, st.sets(ids))
def test_a_contact_of_another_customer_is_never_linked(
    customer: Customer,
    link: XeroContactId | None,
    candidates: list[LiveContact],
    taken: set[XeroContactId],
) -> None:
    found = matching.match(customer, link, candidates, taken=taken - {link})

    if isinstance(found, matching.Linked) and found.id != link:
        assert found.id not in taken


@given(customers, st.none() | ids, contacts)
def test_nothing_is_created_beside_a_contact_that_may_be_the_customers(
    customer: Customer, link: XeroContactId | None, candidates: list[LiveContact]
) -> None:
    found = matching.match(customer, link, candidates)

    if isinstance(found, matching.NoneFound):
        assert link is None
        assert customer.xero_contact_id is None
        assert all(contact.number != customer.id for contact in candidates)
        active = [each for each in candidates if each.status is ContactStatus.ACTIVE]
        assert not any(each.account_number == customer.ref != "" for each in active)
        assert not any(matching.same_name(each.name, customer.name) for each in active)


def test_the_link_comes_before_everything() -> None:
    by_reference = replace(STRANGER, id=XeroContactId("x-2"), account_number="ACME-1")
    customer = replace(CUSTOMER, xero_contact_id=XeroContactId("x-2"))

    found = matching.match(customer, XeroContactId("x-1"), [STRANGER, by_reference])

    assert found == matching.Linked(id=XeroContactId("x-1"))


def test_an_id_set_by_hand_comes_before_the_mark() -> None:
    marked = replace(STRANGER, id=XeroContactId("x-2"), number="c-1")
    customer = replace(CUSTOMER, xero_contact_id=XeroContactId("x-1"))

    assert matching.match(customer, None, [STRANGER, marked]) == matching.Linked(
        id=XeroContactId("x-1")
    )


def test_our_mark_comes_before_the_reference() -> None:
    marked = replace(STRANGER, number="c-1")
    by_reference = replace(STRANGER, id=XeroContactId("x-2"), account_number="ACME-1")

    assert matching.match(CUSTOMER, None, [by_reference, marked]) == matching.Linked(
        id=XeroContactId("x-1")
    )


def test_the_one_active_contact_with_the_reference_is_the_customers() -> None:
    active = replace(STRANGER, account_number="ACME-1 ")
    archived = replace(active, id=XeroContactId("x-2"), status=ContactStatus.ARCHIVED)

    assert matching.match(CUSTOMER, None, [archived, active]) == matching.Linked(
        id=XeroContactId("x-1")
    )


def test_a_reference_in_other_letters_is_the_customers_as_it_is_one_number_to_xero() -> None:
    alike = replace(STRANGER, account_number=" acme-1")
    archived = replace(alike, status=ContactStatus.ARCHIVED)

    assert matching.match(CUSTOMER, None, [alike]) == matching.Linked(id=alike.id)
    assert matching.could_be(CUSTOMER, alike)
    assert matching.match(CUSTOMER, None, [archived]) == matching.Archived(id=archived.id)


def test_another_customers_reference_in_other_letters_is_nothing_of_this_one() -> None:
    alike = replace(STRANGER, account_number="acme-1")

    assert matching.match(CUSTOMER, None, [alike], taken=[alike.id]) == matching.NoneFound()


def test_two_contacts_with_the_reference_go_to_a_person() -> None:
    first = replace(STRANGER, account_number="ACME-1")
    second = replace(first, id=XeroContactId("x-2"))

    assert matching.match(CUSTOMER, None, [first, second]) == matching.Candidates(
        ids=(XeroContactId("x-1"), XeroContactId("x-2"))
    )


def test_a_linked_contact_that_was_merged_is_followed_to_the_end() -> None:
    first = replace(STRANGER, status=ContactStatus.ARCHIVED, merged_to=XeroContactId("x-2"))
    second = replace(first, id=XeroContactId("x-2"), merged_to=XeroContactId("x-3"))

    found = matching.match(CUSTOMER, XeroContactId("x-1"), [first, second])

    assert found == matching.Follow(
        merged_from=XeroContactId("x-1"), merged_to=XeroContactId("x-3")
    )


def test_merges_in_a_circle_come_to_an_end() -> None:
    circle = replace(STRANGER, status=ContactStatus.ARCHIVED, merged_to=XeroContactId("x-1"))

    assert isinstance(matching.match(CUSTOMER, XeroContactId("x-1"), [circle]), matching.Follow)


@pytest.mark.parametrize("status", [ContactStatus.ARCHIVED, ContactStatus.GDPRREQUEST])
def test_a_linked_contact_that_may_not_be_used_is_told(status: ContactStatus) -> None:
    contact = replace(STRANGER, status=status)

    assert matching.match(CUSTOMER, XeroContactId("x-1"), [contact]) == matching.Archived(
        id=XeroContactId("x-1")
    )


def test_an_archived_contact_with_our_mark_is_not_replaced() -> None:
    contact = replace(STRANGER, status=ContactStatus.ARCHIVED, number="c-1")

    assert matching.match(CUSTOMER, None, [contact]) == matching.Archived(id=XeroContactId("x-1"))


def test_two_active_contacts_with_our_mark_go_to_a_person() -> None:
    first = replace(STRANGER, number="c-1")
    second = replace(first, id=XeroContactId("x-2"))

    assert isinstance(matching.match(CUSTOMER, None, [first, second]), matching.Candidates)


def test_an_id_set_by_hand_answers_a_link_that_cannot_be_used() -> None:
    archived = replace(STRANGER, status=ContactStatus.ARCHIVED)
    chosen = replace(STRANGER, id=XeroContactId("x-2"))
    customer = replace(CUSTOMER, xero_contact_id=XeroContactId("x-2"))

    found = matching.match(customer, XeroContactId("x-1"), [archived, chosen])

    assert found == matching.Linked(id=XeroContactId("x-2"))


def test_a_link_nobody_knows_is_told() -> None:
    assert matching.match(CUSTOMER, XeroContactId("x-9"), []) == matching.Vanished(
        id=XeroContactId("x-9")
    )


def test_a_namesake_is_a_candidate_not_the_customer() -> None:
    namesake = replace(STRANGER, name="ACME ltd")

    assert matching.match(CUSTOMER, None, [namesake]) == matching.NameTaken(
        ids=(XeroContactId("x-1"),)
    )


def test_an_archived_namesake_is_nobody() -> None:
    namesake = replace(STRANGER, name="Acme Ltd", status=ContactStatus.ARCHIVED)

    assert matching.match(CUSTOMER, None, [namesake]) == matching.NoneFound()


@pytest.mark.parametrize(
    ("policy", "invoiced", "not_invoiced"),
    [
        (CreateContacts.ALWAYS, True, True),
        (CreateContacts.WHEN_INVOICED, True, False),
        (CreateContacts.NEVER, False, False),
    ],
)
def test_contacts_are_created_when_the_policy_says(
    policy: CreateContacts, invoiced: bool, not_invoiced: bool
) -> None:
    assert matching.create_allowed(policy, is_invoiced=True) is invoiced
    assert matching.create_allowed(policy, is_invoiced=False) is not_invoiced


# --- what is written -----------------------------------------------------------------------------

wild_text = st.text(max_size=600)


@given(st.builds(replace, st.just(CUSTOMER), name=wild_text, ref=wild_text, email=wild_text))
def test_a_create_is_within_xeros_limits(customer: Customer) -> None:
    if not matching.normal_name(customer.name):
        with pytest.raises(ValueError, match="a name Xero takes"):
            matching.contact_write(customer)
        return

    write = matching.contact_write(customer)

    assert write.name is not None
    assert 0 < len(write.name) <= 255
    assert not set(write.name) & set("<>")
    assert write.name == " ".join(write.name.split())
    assert write.account_number is None or 0 < len(write.account_number) <= 50
    assert write.email is None or 0 < len(write.email) <= 255


@given(wild_text)
def test_a_normal_name_is_normal_already(name: str) -> None:
    normal = matching.normal_name(name)

    assert matching.normal_name(normal) == normal


def test_a_create_omits_what_is_empty() -> None:
    customer = replace(
        CUSTOMER, first_name="", last_name="  ", ref="", postal_address=PostalAddress(city=" ")
    )

    assert matching.contact_write(customer) == ContactWrite(
        pipeline_id=CUSTOMER.id, number="c-1", name="Acme Ltd"
    )


def test_a_create_says_all_that_is_known() -> None:
    customer = replace(
        CUSTOMER,
        name="  Acme   <Ltd> ",
        first_name="Ann",
        email="ann@acme.example",
        phone="09 555",
        postal_address=PostalAddress(line1=" 1 Road ", city="Napier", postal_code="4110"),
    )

    assert matching.contact_write(customer) == ContactWrite(
        pipeline_id=CUSTOMER.id,
        number="c-1",
        name="Acme Ltd",
        account_number="ACME-1",
        first_name="Ann",
        email="ann@acme.example",
        phone="09 555",
        postal_address=PostalAddress(line1="1 Road", city="Napier", postal_code="4110"),
    )


@pytest.mark.parametrize("status", list(ContactStatus))
@pytest.mark.parametrize(
    ("theirs", "sent"), [("acme-1 ", None), ("ACME-2", "ACME-1"), ("", "ACME-1")]
)
def test_a_create_leaves_out_a_reference_that_another_contact_carries(
    status: ContactStatus, theirs: str, sent: str | None
) -> None:
    """Facts §4: an AccountNumber is unique, archived contacts included."""
    other = replace(STRANGER, account_number=theirs, status=status)

    assert matching.contact_write(CUSTOMER, [other]).account_number == sent


def test_linking_writes_nothing_but_an_empty_mark() -> None:
    assert matching.link_write(CUSTOMER, STRANGER) == ContactWrite(
        pipeline_id=CUSTOMER.id, xero_id=XeroContactId("x-1"), number="c-1"
    )
    assert matching.link_write(CUSTOMER, replace(STRANGER, number="theirs")) is None
