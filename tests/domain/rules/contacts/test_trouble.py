"""An invoice names what its customer really waits for and sends nobody to mend something else."""

from __future__ import annotations

import pytest

from syncd.domain.model.job import JobState, Reason
from syncd.domain.rules.contacts import trouble
from syncd.domain.rules.contacts.trouble import CustomerStatus

NOTE = "Xero has a contact of that name. Link it."


def said(**fields: object) -> tuple[Reason, str]:
    standing = CustomerStatus(name="Harbour Build", **fields)  # type: ignore[arg-type]  (by name)
    found = trouble.objection(standing)
    return found.reason, found.text


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (Reason.CONTACT_NAME_TAKEN, Reason.CONTACT_NAME_TAKEN),
        (Reason.CONTACT_ARCHIVED, Reason.CONTACT_ARCHIVED),
        (Reason.CONTACT_UNMAPPED, Reason.CONTACT_UNMAPPED),
        (Reason.OBSERVING, Reason.CONTACT_UNMAPPED),
        (None, Reason.CONTACT_UNMAPPED),
    ],
)
def test_a_held_customers_note_is_what_the_invoice_says(
    reason: Reason | None, shown: Reason
) -> None:
    code, text = said(state=JobState.HELD, reason=reason, note=NOTE)

    assert code is shown
    assert text == (
        f"Its customer Harbour Build has no valid Xero contact mapping yet. {NOTE} "
        "The invoice then goes by itself."
    )


def test_a_refused_customer_is_corrected_in_pipeline() -> None:
    code, text = said(
        state=JobState.FAILED, reason=Reason.REFUSED, note="Email address must be valid"
    )

    assert code is Reason.CONTACT_UNMAPPED
    assert "Xero refused it (Email address must be valid)" in text
    assert "Correct the customer in Pipeline" in text
    assert "Create the customer in Xero" not in text


@pytest.mark.parametrize("state", [JobState.READY, JobState.LEASED, JobState.UNCERTAIN])
def test_a_customer_on_its_way_asks_nothing_of_anybody(state: JobState) -> None:
    code, text = said(state=state, reason=Reason.CONTACT_ARCHIVED, note=NOTE)

    assert code is Reason.CONTACT_UNMAPPED
    assert "on its way" in text
    assert NOTE not in text


def test_a_deleted_customer_is_said_to_be_deleted() -> None:
    assert "deleted in Pipeline" in said(state=JobState.DONE, is_withdrawn=True)[1]


def test_without_a_customer_on_paper_the_pages_own_words_stand() -> None:
    text = trouble.objection(trouble.NOBODY).text

    assert "Create the customer in Xero first" in text
