"""Every refusal the pretend Xero has for a document or a contact means something, or is listed."""

from __future__ import annotations

from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import Meaning
from tests.sandbox.xero.test_refusals import CHANGED, CREATED

WRITTEN = ("Invoices", "Contacts")
TO_A_PERSON = {
    "A contact can have at most 5 contact persons",
    "A line can have at most 2 tracking categories",
    "The BrandingThemeID does not exist",
    "The Contact Name cannot contain < or >, nor spaces at its ends or in a row",
    "The ContactStatus 'GDPRREQUEST' cannot be set",
    "The CurrencyRate 'x' is not a number",
    "The CurrencyRate must be greater than zero",
    "The PhoneType 'PAGER' is not one of DEFAULT, DDI, FAX, MOBILE",
    "The line amount 100000000000.00 is larger than 9999999999.99",
    "The total of an invoice cannot be less than zero.",
    "The value 'True' is not a valid number",
    "The value 'many' is not a valid number",
    "Type must be specified as ACCREC or ACCPAY",
}
"""Of the document alone, in words nobody has to know: failed, and told as Xero says it."""


def test_every_refusal_means_something_or_goes_to_a_person_as_it_is() -> None:
    texts = {one.text for one in CREATED + CHANGED if one.path.split("/")[0] in WRITTEN}

    assert {each for each in texts if outcome.meaning_of([each]) is Meaning.OTHER} == TO_A_PERSON
    for each in TO_A_PERSON:
        assert outcome.of_refusal((each,)) == outcome.ElementRefused(messages=(each,))
