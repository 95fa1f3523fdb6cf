"""What Xero's words mean, matched loosely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.job import Reason
from syncd.domain.rules import outcome
from syncd.domain.rules.outcome import Consequence, Meaning

RECORDED = [
    ("Invoice # must be unique.", Meaning.NUMBER_NOT_UNIQUE),
    ("Invoice not of valid status for modification", Meaning.NOT_MODIFIABLE_STATUS),
    (
        "An existing Invoice with the specified InvoiceID could not be found",
        Meaning.NOT_FOUND,
    ),
    ("The document with the supplied id was not found for this endpoint.", Meaning.NOT_FOUND),
    ("The line total 895.66 does not match the expected line total 0.00", Meaning.OTHER),
    ("Account code 'ZZZ' is not a valid code for this document.", Meaning.ACCOUNT_INVALID),
    ("Account code '200' has been archived, or deleted", Meaning.ACCOUNT_INVALID),
    (
        "The TaxType code 'OUTPUT9' cannot be used with account code '200'.",
        Meaning.TAX_INVALID,
    ),
    (
        "The document date cannot be before the period lock date, currently set at 31 Mar 2026",
        Meaning.LOCKED_PERIOD,
    ),
    (
        "The document date cannot be before the end of year lock date, currently set at …",
        Meaning.LOCKED_PERIOD,
    ),
    (
        (
            "The status VOIDED cannot be applied to the invoice because it has payments or credit "
            "notes allocated to it."
        ),
        Meaning.HAS_MONEY,
    ),
    (
        "This document cannot be edited as it has a payment or credit note allocated to it.",
        Meaning.HAS_MONEY,
    ),
    (
        "To update fields on a paid invoice line item, you must supply a LineItemID",
        Meaning.HAS_MONEY,
    ),
    (
        (
            "The contact name Ann is already assigned to another contact. The contact name must be "
            "unique across all active contacts."
        ),
        Meaning.CONTACT_NAME_TAKEN,
    ),
    (
        (
            "The specified contact details matched an archived contact. Archived contacts cannot "
            "currently be edited via the API."
        ),
        Meaning.CONTACT_ARCHIVED,
    ),
    ("The contact is archived and cannot be used.", Meaning.CONTACT_ARCHIVED),
    ("Organisation is not subscribed to currency EUR", Meaning.CURRENCY_UNAVAILABLE),
    ("You have reached the limit of invoices you can approve", Meaning.APPROVAL_LIMIT),
    ("Email address must be valid", Meaning.OTHER),
    ("A validation exception occurred", Meaning.OTHER),
]


@pytest.mark.parametrize(("message", "meaning"), RECORDED)
def test_meaning_of_every_known_text(message: str, meaning: Meaning) -> None:
    assert outcome.meaning_of([message]) is meaning


@given(
    st.sampled_from(RECORDED),
    st.sampled_from([str.upper, str.lower, str.title, str.strip]),
    st.sampled_from(["", ".", " ", ". "]),
)
def test_meaning_ignores_case_and_trailing_dots(
    known: tuple[str, Meaning], shape: object, tail: str
) -> None:
    message, meaning = known
    assert callable(shape)

    assert outcome.meaning_of([shape(message.rstrip(".")) + tail]) is meaning


@given(st.text(max_size=60))
def test_unknown_words_are_still_an_answer(message: str) -> None:
    assert outcome.meaning_of([message]) in Meaning


def test_the_most_telling_message_stands() -> None:
    messages = ["A validation exception occurred", "Invoice # must be unique."]

    assert outcome.meaning_of(messages) is Meaning.NUMBER_NOT_UNIQUE


def test_no_words_at_all_mean_nothing_known() -> None:
    assert outcome.meaning_of([]) is Meaning.OTHER


@pytest.mark.parametrize("meaning", Meaning)
def test_every_meaning_has_a_reason_and_a_consequence(meaning: Meaning) -> None:
    assert outcome.reason_of(meaning) in Reason
    assert outcome.consequence_of(meaning) in Consequence


@pytest.mark.parametrize(
    "message", ["Invoice # must be unique.", "Invoice not of valid status for modification"]
)
def test_a_changed_world_asks_for_a_look(message: str) -> None:
    assert outcome.consequence_of(outcome.meaning_of([message])) is Consequence.LOOK


def test_a_locked_period_waits_and_says_why() -> None:
    message = "The document date cannot be before the period lock date, currently set at 1 May 2026"

    found = outcome.of_refusal((message,))

    assert isinstance(found, outcome.Held)
    assert found.reason is Reason.LOCKED_PERIOD
    assert message in found.text


def test_unknown_refusals_go_to_a_person_in_xeros_words() -> None:
    found = outcome.of_refusal(("Email address must be valid",))

    assert found == outcome.ElementRefused(messages=("Email address must be valid",))
