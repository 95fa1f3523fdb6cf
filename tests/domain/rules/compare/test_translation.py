"""The laws of translation: who says the account, the tax type, the rest, and what is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given

from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes
from syncd.domain.model.job import Reason
from syncd.domain.model.settings import CodeMapping
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules.compare import translation
from tests.domain import builders


def codes(line: Line, **policy: object) -> tuple[str | None, str | None]:
    meant = translation.translate(
        builders.invoice(lines=(line,)),
        builders.policy(**policy),
        builders.settings(),
        builders.CONTACT_ID,
    )
    return meant.lines[0].account_code, meant.lines[0].tax_type


def test_account_of_the_line_wins_over_its_cost_code() -> None:
    assert codes(builders.line(account_code="260"))[0] == "260"
    assert codes(builders.line())[0] == "200"


def test_tax_type_follows_the_line_then_cost_code_then_rate_then_account() -> None:
    mapped = {"cost_codes": {"LAB": CodeMapping(account="200", tax="SPECIAL")}}

    assert codes(builders.line(tax_type="MINE"), **mapped)[1] == "MINE"
    assert codes(builders.line(), **mapped)[1] == "SPECIAL"
    assert codes(builders.line(tax_rate=Decimal("0.1500")))[1] == "OUTPUT2"
    assert codes(builders.line(tax_rate=Decimal("0.00")))[1] == "ZERORATED"
    assert codes(builders.line(tax_rate=None), tax_types={})[1] == "OUTPUT2"


def test_no_tax_lines_have_tax_type_none_unless_given() -> None:
    meant = translation.translate(
        builders.invoice(
            line_amount_types=LineAmountTypes.NO_TAX,
            lines=(builders.line(), builders.line(id="p2", tax_type="EXEMPT")),
        ),
        builders.policy(),
        builders.settings(),
        builders.CONTACT_ID,
    )

    assert [each.tax_type for each in meant.lines] == ["NONE", "EXEMPT"]


@pytest.mark.parametrize(
    ("line", "reason", "words"),
    [
        (builders.line(cost_code="PLANT"), Reason.ACCOUNT_UNMAPPED, "cost_codes.PLANT"),
        (builders.line(cost_code=None), Reason.ACCOUNT_UNMAPPED, "neither"),
        (
            builders.line(account_code="999", tax_rate=Decimal("0.2")),
            Reason.TAX_UNMAPPED,
            'tax_types."0.2"',
        ),
        (builders.line(account_code="999", tax_rate=None), Reason.TAX_UNMAPPED, "no tax rate"),
    ],
)
def test_what_nothing_leads_to_is_named_with_its_cure(
    line: Line, reason: Reason, words: str
) -> None:
    meant = translation.translate(
        builders.invoice(lines=(builders.line(id="p0"), line)),
        builders.policy(),
        builders.settings(),
        builders.CONTACT_ID,
    )

    (objection,) = meant.missing
    assert objection.reason is reason
    assert words in objection.text
    assert "Line 2" in objection.text
    assert objection.field.startswith("lines[1].")


def test_customer_without_contact_is_missing() -> None:
    meant = translation.translate(
        builders.invoice(), builders.policy(), builders.settings(), contact_id=None
    )

    assert [each.reason for each in meant.missing] == [Reason.CONTACT_UNMAPPED]


def test_header_is_filled_from_policy_and_organisation() -> None:
    meant = translation.translate(
        builders.invoice(due_on=None, currency_code=None, status=PipelineStatus.APPROVED),
        builders.policy(due_days=20, approved_as=XeroStatus.SUBMITTED),
        builders.settings(),
        builders.CONTACT_ID,
    )

    assert meant.due_on == date(2026, 11, 22)
    assert meant.currency_code == "NZD"
    assert (meant.status, meant.sent_to_contact) == (XeroStatus.SUBMITTED, False)


def test_sent_is_authorised_and_sent_to_contact() -> None:
    meant = translation.translate(
        builders.invoice(status=PipelineStatus.SENT),
        builders.policy(approved_as=XeroStatus.SUBMITTED),
        builders.settings(),
        builders.CONTACT_ID,
    )

    assert (meant.status, meant.sent_to_contact) == (XeroStatus.AUTHORISED, True)


@given(builders.invoices())
def test_translation_survives_being_stored(said: Invoice) -> None:
    meant = translation.translate(said, builders.policy(), builders.settings(), builders.CONTACT_ID)

    stored = msgspec.json.encode(meant)

    assert msgspec.json.decode(stored, type=translation.Translation) == meant
