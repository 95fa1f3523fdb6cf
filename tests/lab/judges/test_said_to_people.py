"""The judge of words bites: an error's own text is named wherever it is kept."""

from __future__ import annotations

import pytest

from syncd.lab.judges import said_to_people


@pytest.mark.parametrize(
    "text",
    [
        "PUT Invoices was sent, its outcome is unknown: _Dropped: ServerDisconnectedError: x",
        "The allowance of lane write has no room for 0 s: minute is spent",
        "Xero fails for demo; reserve rests 121 s, then one call tries",
        "create_invoices: no whole answer within 60 s",
        "PUT https://api.xero.com/api.xro/2.0/Invoices could not be sent",
    ],
)
def test_text_of_an_error_is_named_with_its_place(text: str) -> None:
    (found,) = said_to_people.judge([("the note of push_invoice i1", text)])

    assert "the note of push_invoice i1" in found


@pytest.mark.parametrize(
    "text",
    [
        "Xero answered with an error (500: See http://status.developer.xero.com for more).",
        "Xero did not answer, or its answer was lost. Whether it took the write is looked for.",
        'Harbour Build has no contact, and create_contacts = "never" makes none.',
        "Line 2 has cost code 'CALL'. Set tenants.demo.cost_codes.CALL.account.",
    ],
)
def test_plain_words_pass(text: str) -> None:
    assert list(said_to_people.judge([("a note", text)])) == []
