"""A contact may stand for a customer when it is active, nobody else's, and its merges followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import ContactStatus, Customer, LiveContact
from syncd.domain.model.job import Reason
from syncd.domain.rules.contacts.matching import (
    Archived,
    Candidates,
    Follow,
    Match,
    NameTaken,
    Vanished,
)
from syncd.engine.contacts import choices

NOW = datetime(2026, 11, 22, tzinfo=UTC)
A, B, C = (XeroContactId(each) for each in "abc")
CUSTOMER = Customer(id=PipelineCustomerId("c-1"), ref="C1", name="Ada", version=1, updated_at=NOW)


def live(identifier: XeroContactId, merged_to: XeroContactId | None = None) -> LiveContact:
    status = ContactStatus.ACTIVE if merged_to is None else ContactStatus.ARCHIVED
    return LiveContact(
        id=identifier, name=f"Contact {identifier}", status=status, updated_at=NOW,
        merged_to=merged_to,
    )  # fmt: skip


CHAIN = {A: live(A, B), B: live(B, C), C: live(C)}
CIRCLE = {A: live(A, B), B: live(B, A)}


def test_a_chain_of_merges_ends_at_the_survivor() -> None:
    assert choices.usable(A, CHAIN, ()) == CHAIN[C]


@pytest.mark.parametrize(
    ("by_id", "taken", "word"),
    [
        (CHAIN, {C}, "another customer's"),
        ({A: live(A, B)}, (), "does not know"),
        (CIRCLE, (), "ARCHIVED"),
        ({}, (), "does not know"),
    ],
)
def test_what_may_not_stand_says_why(
    by_id: dict[XeroContactId, LiveContact], taken: set[XeroContactId], word: str
) -> None:
    assert choices.usable(A, by_id, taken) is None
    assert word in choices.why_not(A, by_id, taken)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Candidates(ids=(A, B)), Reason.CONTACT_UNMAPPED),
        (NameTaken(ids=(A,)), Reason.CONTACT_NAME_TAKEN),
        (Archived(id=A), Reason.CONTACT_ARCHIVED),
        (Vanished(id=A), Reason.CONTACT_UNMAPPED),
        (Follow(merged_from=B, merged_to=A), Reason.CONTACT_UNMAPPED),
    ],
)
def test_a_hold_names_the_contacts_in_question(found: Match, reason: Reason) -> None:
    held = choices.held(CUSTOMER, found, {A: live(A)}, ())

    assert held.reason is reason
    assert A in held.text
    assert A in held.in_the_way
    if not isinstance(found, Vanished):
        assert f"Contact {A} ({A})" in held.text


def test_a_namesake_is_said_to_have_the_number_it_has_and_no_other() -> None:
    numbered = replace(live(A), account_number="C9")
    without = choices.held(CUSTOMER, NameTaken(ids=(A,)), {A: live(A)}, ())
    other = choices.held(CUSTOMER, NameTaken(ids=(A,)), {A: numbered}, ())
    taken = choices.held(CUSTOMER, NameTaken(ids=(A,)), {A: numbered}, {A})

    assert "without an Account Number" in without.text
    assert "with the Account Number C9" in other.text
    for held in (without, other):
        assert "give it the Account Number C1 in Xero" in held.text
    assert "another customer's" in taken.text
    assert "link it" not in taken.text
