"""What Xero's words mean, matched loosely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.job import Reason
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import Consequence, Meaning

NUMBER = ("Invoice # must be unique.",)
STATUS = (
    "Invoice not of valid status for modification",
    "The LineItemID 00000000-0000-0000-0000-000000000001 does not belong to this document",
)
LOCKED = (
    "The document date cannot be before the period lock date, currently set at 30-Nov-2018",
    "The document date cannot be before the end of year lock date, currently set at 31-Mar-2026",
)
MONEY = (
    (
        "The status VOIDED cannot be applied to the invoice because it has payments or "
        "credit notes allocated to it."
    ),
    (
        "The status AUTHORISED cannot be applied to the invoice because it has payments or credit "
        "notes allocated to it."
    ),
    "This document cannot be edited as it has a payment or credit note allocated to it.",
    "Date cannot be changed on an invoice that has payment or credit notes allocated to it.",
    "To update fields on a paid invoice line item, you must supply a LineItemID",
)
NAMES = (
    (
        "The contact name Ann is already assigned to another contact. The contact name "
        "must be unique across all active contacts."
    ),
    "The Contact Name already exists. Please enter a different Contact Name.",
)
NUMBERS = (
    "Another contact has this contact number. Please enter a different contact number.",
    "The Account Number already exists. Please enter a different Account Number.",
    "The contact number C-1 is already assigned to another contact.",
)
ARCHIVED = (
    (
        "The contact with the specified contact details has been archived. The contact must be "
        "un-archived before creating new invoices or credit notes."
    ),
    (
        "The specified contact details matched an archived contact. Archived contacts "
        "cannot currently be edited via the API."
    ),
    "The contact is archived and cannot be used.",
)
ACCOUNTS = (
    "Account code 'ZZZ' is not a valid code for this document.",
    (
        "Account code '260' has been archived, or has been deleted. Each line item must "
        "reference a valid account."
    ),
    "Account code or ID must be specified",
)
TAXES = (
    "The TaxType code 'OUTPUT9' cannot be used with account code '200'.",
    "The TaxType code TAX099 does not exist or cannot be used for this type of transaction.",
    "The TaxType code 'TAX099' is not valid",
)
GONE = (
    "An existing Invoice with the specified InvoiceID could not be found",
    "The document with the supplied id was not found for this endpoint.",
    "The resource you're looking for cannot be found",
)
STRANGERS = (
    "The contact with the specified ContactID could not be found",
    "An existing Contact with the specified ContactID could not be found",
)
CONTENT = (
    "Invoice not of valid status for creation",
    "One or more line items must be specified",
    "The document DueDate field must be specified.",
    "The description field is mandatory for each line item.",
    "The line total 895.66 does not match the expected line total 0.00",
    "The quantity value '-1.0000' is invalid. Quantity must not be less than zero.",
    "Item code 'X' is not valid",
    "Discounts may not be applied to ACCPAY invoices.",
    "The discount rate '27.83' is invalid. Discount must not be greater than the line total.",
    "Discounts are only supported on individual line items. Please remove the total.",
    "A Contact must be specified for this type of transaction",
    (
        "The Contact must contain at least 1 of the following elements to identify the "
        "contact: Name, ContactID, ContactNumber"
    ),
    (
        "No data has been processed for this endpoint. This endpoint is expecting Invoice "
        "data to be specifed in the request body."
    ),
    "Payment amount exceeds the amount outstanding on this document",
    "JSON request body could not be read, unexpected character",
    "Error converting value \"NO_TAX\" to type 'Xero.API.Library..LineAmountType'. Path 'x'",
)
OTHER = (
    "A validation exception occurred",
    (
        "An error occurred in Xero. Check the API Status page http://status.developer.xero.com for "
        "current service status."
    ),
    "Idempotency Key: k-1 is used with a different request.",
    "Only Status accepted for updates.",
    "Payments can only be made against Authorised documents",
    "Account type is invalid for making a payment to/from",
    "The Api Method called is not implemented",
    "The payment date is prior to the invoice date.",
    "You are not permitted to access this resource without the reporting role or higher privileges",
)
"""What names nothing of a document, or belongs to what we never send."""
CATALOGUE: dict[Meaning, tuple[str, ...]] = {
    Meaning.NUMBER_NOT_UNIQUE: NUMBER,
    Meaning.NOT_MODIFIABLE_STATUS: STATUS,
    Meaning.LOCKED_PERIOD: LOCKED,
    Meaning.HAS_MONEY: MONEY,
    Meaning.CONTACT_NAME_TAKEN: NAMES,
    Meaning.CONTACT_NUMBER_TAKEN: NUMBERS,
    Meaning.CONTACT_ARCHIVED: ARCHIVED,
    Meaning.ACCOUNT_INVALID: ACCOUNTS,
    Meaning.TAX_INVALID: TAXES,
    Meaning.TRACKING_INVALID: ("The TrackingOption 'North' of the tracking category is not valid",),
    Meaning.CURRENCY_UNAVAILABLE: ("Organisation is not subscribed to currency EUR",),
    Meaning.EMAIL_INVALID: ("Email address must be valid",),
    Meaning.URL_INVALID: ("Url must be a valid absolute url",),
    Meaning.CONTACT_NOT_FOUND: STRANGERS,
    Meaning.NOT_FOUND: GONE,
    Meaning.APPROVAL_LIMIT: ("You have reached the limit of invoices you can approve",),
    Meaning.ORGANISATION_BLOCKED: (
        "The organisation's subscription has been suspended",
        "Organisation is offline",
    ),
    Meaning.CONTENT: CONTENT,
    Meaning.OTHER: OTHER,
}
"""Xero's words as the facts page has them (§3.2 to §3.10, §4), by what they mean."""
RECORDED = [(text, meaning) for meaning, texts in CATALOGUE.items() for text in texts]
WAITS = {
    Meaning.CONTACT_NOT_FOUND: Reason.CONTACT_UNMAPPED,
    Meaning.LOCKED_PERIOD: Reason.LOCKED_PERIOD,
    Meaning.HAS_MONEY: Reason.HAS_PAYMENTS,
    Meaning.CONTACT_NAME_TAKEN: Reason.CONTACT_NAME_TAKEN,
    Meaning.CONTACT_NUMBER_TAKEN: Reason.CONTACT_NAME_TAKEN,
    Meaning.CONTACT_ARCHIVED: Reason.CONTACT_ARCHIVED,
    Meaning.ACCOUNT_INVALID: Reason.ACCOUNT_UNMAPPED,
    Meaning.TAX_INVALID: Reason.TAX_UNMAPPED,
    Meaning.TRACKING_INVALID: Reason.REFUSED,
    Meaning.CURRENCY_UNAVAILABLE: Reason.CURRENCY_UNAVAILABLE,
    Meaning.EMAIL_INVALID: Reason.REFUSED,
    Meaning.URL_INVALID: Reason.REFUSED,
    Meaning.APPROVAL_LIMIT: Reason.REFUSED,
    Meaning.ORGANISATION_BLOCKED: Reason.REFUSED,
}
"""What lies outside the document, and the code under which it waits."""


def test_every_meaning_has_a_text_of_xeros() -> None:
    assert {*CATALOGUE, Meaning.CALL_REFUSED} == set(Meaning)


def test_a_call_refused_as_a_whole_waits_unless_it_names_the_content() -> None:
    unknown, content = ("Forbidden by the moon",), (CONTENT[-1],)

    assert isinstance(outcome.of_refusal(unknown), outcome.ElementRefused)
    held = outcome.of_refusal(unknown, is_whole=True)
    assert isinstance(held, outcome.Held)
    assert (held.reason, "by itself" in held.text) == (Reason.REFUSED, True)
    assert isinstance(outcome.of_refusal(content, is_whole=True), outcome.ElementRefused)


@pytest.mark.parametrize("meaning", CATALOGUE)
def test_what_lies_outside_the_document_waits_and_nothing_else_does(meaning: Meaning) -> None:
    for text in CATALOGUE[meaning]:
        found = outcome.of_refusal((text,))

        assert found.reason is WAITS.get(meaning, outcome.reason_of(meaning))
        assert isinstance(found, outcome.Held) == (meaning in WAITS)
        if isinstance(found, outcome.Held):
            assert text.rstrip(".") in found.text


@pytest.mark.parametrize("meaning", [each for each in WAITS if WAITS[each] is Reason.REFUSED])
def test_a_wait_whose_code_names_no_cause_says_the_remedy(meaning: Meaning) -> None:
    (text, *_) = CATALOGUE[meaning]

    found = outcome.of_refusal((text,))

    assert isinstance(found, outcome.Held)
    assert len(found.text) > len(text) + 60
    assert "by itself" in found.text


def test_a_bad_address_is_the_customers_own_to_correct() -> None:
    messages = CATALOGUE[Meaning.EMAIL_INVALID]

    assert isinstance(outcome.of_refusal(messages), outcome.Held)
    assert isinstance(outcome.of_refusal(messages, of_contact=True), outcome.ElementRefused)


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
    found = outcome.of_refusal(("The moon is full",))

    assert found == outcome.ElementRefused(messages=("The moon is full",))
