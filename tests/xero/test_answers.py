"""What a write's answer says of each element, in whatever order it comes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import ContactWrite
from syncd.ports.ledger import ElementApplied, ElementRefused, ElementUnclear
from syncd.xero import answers, wire
from tests.xero.support import invoices

NUMBERS = st.sampled_from(["A", "a", " A", "B", "", " "])
OTHER = "11111111-a47e-4665-a974-874bb50263b9"


def ok(number: str, guid: str = invoices.GUID, **more: Any) -> dict[str, Any]:
    return invoices.shown(invoices.live(number=number, id=guid)) | more


def refused(number: str, *messages: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "ACCREC",
        "InvoiceID": wire.ZERO_GUID,
        "InvoiceNumber": number,
        "HasErrors": True,
        "StatusAttributeString": "ERROR",
        "ValidationErrors": [{"Message": message} for message in messages],
        **more,
    }


def kinds(body: bytes, *numbers: str) -> list[type]:
    writes = [invoices.create(number) for number in numbers]
    return [type(answer) for answer in answers.of_invoices(body, writes)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_answer_finds_its_write_in_any_order(order: tuple[int, ...]) -> None:
    elements = [ok("A"), refused("B", "Invoice # must be unique."), ok("C", OTHER)]

    first, second, third = answers.of_invoices(
        invoices.body(*(elements[place] for place in order)),
        [invoices.create("A"), invoices.create("B"), invoices.create("C")],
    )

    assert isinstance(first, ElementApplied)
    assert isinstance(third, ElementApplied)
    assert (first.live.id, third.live.id) == (invoices.GUID, OTHER)
    assert second == ElementRefused(messages=("Invoice # must be unique.",))
    assert not first.live.is_whole


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=3))
def test_element_in_its_place_is_found_as_it_is_anywhere(drawn: list[tuple[str, str]]) -> None:
    """One more element, of another's, and none is looked for in its place first."""
    elements = [ok(shown) for shown, _ in drawn]
    writes = [invoices.create(number) for _, number in drawn]

    found = answers.of_invoices(invoices.body(*elements), writes)

    assert found == answers.of_invoices(invoices.body(*elements, ok("Z", OTHER)), writes)


def test_update_is_found_by_its_id_whatever_its_number() -> None:
    (answer,) = answers.of_invoices(
        invoices.body(ok("Z", OTHER), ok("A")), [invoices.change(xero_id=invoices.GUID)]
    )

    assert isinstance(answer, ElementApplied)
    assert answer.live.id == invoices.GUID


def test_objections_of_lines_and_contact_are_collected() -> None:
    element = refused(
        "A",
        "One",
        Contact={"ValidationErrors": [{"Message": "Two"}]},
        LineItems=[{"ValidationErrors": [{"Description": "Three"}]}],
    )

    (answer,) = answers.of_invoices(invoices.body(element), [invoices.create("A")])

    assert answer == ElementRefused(messages=("One", "Two", "Three"))


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        (refused("A"), ElementRefused),
        (ok("A", StatusAttributeString="WARNING", Warnings=[{"Message": "odd"}]), ElementApplied),
        (ok("A", StatusAttributeString=None), ElementApplied),
        (ok("A", wire.ZERO_GUID), ElementUnclear),
        (ok("A", HasErrors=True), ElementUnclear),
        (ok("A", ValidationErrors=[{"Message": "x"}]), ElementUnclear),
        (ok("A", ValidationErrors=[{"Message": "x"}], StatusAttributeString=None), ElementRefused),
        (ok("A", Status="POSTED"), ElementUnclear),
        (ok("A", Total={}), ElementUnclear),
        (ok("B"), ElementUnclear),
        ({}, ElementUnclear),
    ],
)
def test_element_is_applied_refused_or_unclear(element: dict[str, Any], kind: type) -> None:
    assert kinds(invoices.body(element), "A") == [kind]


def test_missing_element_is_unclear_and_its_neighbours_are_not() -> None:
    assert kinds(invoices.body(ok("A")), "A", "B") == [ElementApplied, ElementUnclear]


def test_unreadable_element_leaves_its_neighbours_readable() -> None:
    body = invoices.body(ok("A"), ok("B", OTHER, Total="much"))

    assert kinds(body, "A", "B") == [ElementApplied, ElementUnclear]


def test_an_odd_element_changes_nothing_that_is_said_of_the_others() -> None:
    elements = [ok("A"), refused("B", "Invoice # must be unique."), ok("C", OTHER)]
    writes = [invoices.create(number) for number in ("A", "B", "C")]
    odd = {"InvoiceID": OTHER, "InvoiceNumber": "D", "Total": "much"}

    together = answers.of_invoices(invoices.body(*elements), writes)
    in_halves = answers.of_invoices(invoices.body(*elements, odd), writes)

    assert together == in_halves


def test_nameless_refusal_is_taken_by_its_place() -> None:
    nameless = refused("", "The Contact must contain a Name")

    assert kinds(invoices.body(ok("A"), nameless), "A", "B") == [ElementApplied, ElementRefused]
    assert kinds(invoices.body(nameless), "A", "B") == [ElementUnclear, ElementUnclear]


def test_two_elements_of_one_number_are_told_apart_by_place_or_not_at_all() -> None:
    assert kinds(invoices.body(ok("A"), ok("A", OTHER)), "A") == [ElementApplied]
    assert kinds(invoices.body(ok("B"), ok("A"), ok("A", OTHER)), "A") == [ElementUnclear]


@pytest.mark.parametrize("thin", [False, True])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_creates_of_one_number_are_told_apart_by_their_links(
    order: tuple[int, ...], thin: bool
) -> None:
    """Two numbers that differ in their letters' case are one to Xero, which takes the first."""
    mine, hers = "https://a.test/1?syncd=i", "https://a.test/2?syncd=i"
    taken = refused("pl-1", "Invoice # must be unique.", **({} if thin else {"Url": hers}))
    elements = [ok("PL-1", Url=mine), taken]

    first, second = answers.of_invoices(
        invoices.body(*(elements[place] for place in order)),
        [invoices.create("PL-1", url=mine), invoices.create("pl-1", url=hers)],
    )

    assert isinstance(first, ElementApplied)
    assert isinstance(second, ElementRefused)


def test_number_is_compared_as_people_read_it() -> None:
    assert kinds(invoices.body(ok("pl-1 ")), "PL-1") == [ElementApplied]


@pytest.mark.parametrize("body", [b"{}", b'{"Invoices":[', b"<html>", b'{"Invoices":{}}'])
def test_envelope_that_cannot_be_read_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        answers.of_invoices(body, [invoices.create("A")])


def test_contacts_are_found_by_their_mark() -> None:
    contact = {
        "ContactID": invoices.CONTACT,
        "ContactNumber": "cust-1",
        "Name": "Acme",
        "ContactStatus": "ACTIVE",
        "Addresses": [{"AddressType": "POBOX"}],
        "Phones": [{"PhoneType": "DEFAULT"}],
        "UpdatedDateUTC": "/Date(1)/",
        "HasValidationErrors": False,
        "StatusAttributeString": "OK",
    }
    taken = {
        "ContactID": wire.ZERO_GUID,
        "ContactNumber": "cust-2",
        "Name": "Acme",
        "HasValidationErrors": True,
        "ValidationErrors": [{"Message": "The contact name Acme is already assigned."}],
    }

    second, first = answers.of_contacts(
        invoices.dumped({"Contacts": [contact, taken]}),
        [
            ContactWrite(pipeline_id=PipelineCustomerId("cust-2"), number="cust-2", name="Acme"),
            ContactWrite(pipeline_id=PipelineCustomerId("cust-1"), number="cust-1", name="Acme"),
        ],
    )

    assert isinstance(first, ElementApplied)
    assert first.live.id == XeroContactId(invoices.CONTACT)
    assert second == ElementRefused(messages=("The contact name Acme is already assigned.",))
