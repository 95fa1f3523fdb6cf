"""Preflight says what Xero would refuse, and nothing of what it would take."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.contact import ContactStatus
from syncd.domain.model.invoice import Invoice, LineAmountTypes, Tracking
from syncd.domain.model.job import Reason
from syncd.domain.model.objection import Objection
from syncd.domain.model.settings import Account, OrganisationSettings, TaxRate, TenantPolicy
from syncd.domain.model.statuses import PipelineStatus
from syncd.domain.rules.compare import rounding
from syncd.domain.rules.compare.translation import translate
from syncd.domain.rules.decide import preflight
from tests.domain import builders


def check(
    invoice: Invoice,
    *,
    settings: OrganisationSettings | None = None,
    policy: TenantPolicy | None = None,
    contact: ContactStatus | None = ContactStatus.ACTIVE,
) -> tuple[Objection, ...]:
    settings = settings or builders.settings()
    policy = policy or builders.policy()
    meant = translate(invoice, policy, settings, builders.CONTACT_ID)
    return preflight.check(invoice, meant, contact, settings, policy).objections


def found(objections: tuple[Objection, ...]) -> list[tuple[Reason, str]]:
    return [(each.reason, each.field) for each in objections]


def with_line(**fields: Any) -> Invoice:
    """A plain invoice whose only line is changed, its totals left as they were."""
    return builders.invoice(lines=(builders.line(**fields),))


def honest(invoice: Invoice) -> Invoice:
    """The same invoice with the totals Xero will show."""
    settings, policy = builders.settings(), builders.policy()
    meant = translate(invoice, policy, settings, builders.CONTACT_ID)
    rates = [
        Decimal(0)
        if invoice.line_amount_types is LineAmountTypes.NO_TAX
        else settings.tax_rates[line.tax_type or ""].rate
        for line in meant.lines
    ]
    shown = rounding.xero_totals(rounding.oracle_lines(invoice, rates), invoice.line_amount_types)
    return replace(invoice, nett=shown.sub_total, tax=shown.total_tax, total=shown.total)


@given(builders.invoices())
def test_an_ordinary_invoice_with_honest_totals_meets_no_objection(invoice: Invoice) -> None:
    assert check(honest(invoice)) == ()


@given(builders.invoices(), st.integers(1, 10_000))
def test_totals_that_no_rounding_explains_are_told_with_both(invoice: Invoice, cents: int) -> None:
    true = honest(invoice)
    off_by = Decimal(cents) + Decimal("0.5")

    objections = check(replace(true, nett=true.nett + off_by, total=true.total + off_by))

    assert found(objections) == [(Reason.TOTALS_MISMATCH, "total")]
    assert str(true.total) in objections[0].text
    assert str(true.total + off_by) in objections[0].text


def test_totals_within_the_tolerance_are_no_objection() -> None:
    invoice = builders.invoice(nett=Decimal("100.02"), total=Decimal("115.02"))

    assert found(check(invoice)) == [(Reason.TOTALS_MISMATCH, "total")]
    assert check(invoice, policy=builders.policy(totals_tolerance=Decimal("0.02"))) == ()


@pytest.mark.parametrize("status", [ContactStatus.ARCHIVED, ContactStatus.GDPRREQUEST])
def test_a_contact_that_may_not_be_used_is_an_objection(status: ContactStatus) -> None:
    objections = check(builders.invoice(), contact=status)

    assert found(objections) == [(Reason.CONTACT_ARCHIVED, "customerId")]


def test_a_contact_never_read_is_no_objection() -> None:
    assert check(builders.invoice(), contact=None) == ()


@pytest.mark.parametrize(("days_after_lock", "is_locked"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("lock", ["period_lock_on", "end_of_year_lock_on"])
def test_dates_on_or_before_a_lock_date_are_locked(
    lock: str, days_after_lock: int, is_locked: bool
) -> None:
    invoice = builders.invoice()
    settings = builders.settings(**{lock: invoice.invoice_on - timedelta(days=days_after_lock)})

    objections = check(invoice, settings=settings)

    assert (found(objections) == [(Reason.LOCKED_PERIOD, "invoiceDate")]) is is_locked
    assert bool(objections) is is_locked


def test_a_due_date_before_the_invoice_date_is_xeros_to_take() -> None:
    assert check(builders.invoice(due_on=date(2020, 1, 1))) == ()


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        (None, []),
        ("NZD", []),
        ("AUD", []),
        ("EUR", [(Reason.CURRENCY_UNAVAILABLE, "currencyCode")]),
    ],
)
def test_only_currencies_the_organisation_has_are_sent(
    currency: str | None, expected: list[tuple[Reason, str]]
) -> None:
    assert found(check(builders.invoice(currency_code=currency))) == expected


@pytest.mark.parametrize("number", ["", "   ", "N" * 256])
def test_a_number_xero_does_not_take_is_an_objection(number: str) -> None:
    objections = check(builders.invoice(number=number))

    assert found(objections) == [(Reason.INVALID_DOCUMENT, "number")]


def test_texts_at_their_limits_are_taken() -> None:
    invoice = builders.invoice(
        number="N" * 255,
        reference="R" * 255,
        lines=(builders.line(description="D" * 4000),),
    )

    assert check(invoice) == ()


@pytest.mark.parametrize("unseen", ["A\0B", "A\x1b[31mB", "A\x85B", "A\x7fB"])
def test_a_character_that_cannot_be_seen_is_an_objection(unseen: str) -> None:
    invoice = replace(builders.invoice(), number=unseen, reference=unseen)
    invalid = Reason.INVALID_DOCUMENT

    assert found(check(honest(invoice))) == [(invalid, "number"), (invalid, "reference")]


@pytest.mark.parametrize(("text", "is_taken"), [("a\nb\tc\r\n", True), ("a\0b", False)])
def test_a_description_has_lines_and_tabs_and_nothing_else_unseen(
    text: str, *, is_taken: bool
) -> None:
    objections = found(check(honest(with_line(description=text))))

    assert objections == ([] if is_taken else [(Reason.INVALID_DOCUMENT, "lines[0].description")])


@pytest.mark.parametrize("text", ["Café\u00a0№ 7", "建築 🏗", "שלום"])
def test_every_script_and_blank_is_taken(text: str) -> None:
    assert check(honest(replace(builders.invoice(), number=text, reference=text))) == ()


def test_a_reference_beyond_its_limit_is_an_objection() -> None:
    objections = check(builders.invoice(reference="R" * 256))

    assert found(objections) == [(Reason.INVALID_DOCUMENT, "reference")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"description": " "}, "lines[0].description"),
        ({"description": "D" * 4001}, "lines[0].description"),
        ({"quantity": Decimal("2.00001")}, "lines[0].quantity"),
        ({"unit_amount": Decimal("0.12345")}, "lines[0].unitAmount"),
        ({"unit_amount": Decimal("1e60")}, "lines[0].unitAmount"),
        ({"unit_amount": Decimal("NaN")}, "lines[0].unitAmount"),
        ({"discount_percent": Decimal(101)}, "lines[0].discountPercent"),
        ({"discount_percent": Decimal(-1)}, "lines[0].discountPercent"),
        ({"quantity": Decimal(99_999), "unit_amount": Decimal(9_999_999)}, "lines[0]"),
        (
            {"tracking": tuple(Tracking(name=name, option="1") for name in "abc")},
            "lines[0].tracking",
        ),
    ],
)
def test_a_line_beyond_a_limit_is_named(fields: dict[str, Any], field: str) -> None:
    objections = check(with_line(**fields))

    assert found(objections) == [(Reason.INVALID_DOCUMENT, field)]


@pytest.mark.parametrize(
    ("name", "option", "words"),
    [
        ("Region", "North", ""),
        (" region", "NORTH ", ""),
        ("Region", "Moon", "the option Moon of the tracking category Region is not active"),
        ("Depot", "North", "the tracking category Depot is not active"),
    ],
)
def test_tracking_the_organisation_does_not_have_is_named(
    name: str, option: str, words: str
) -> None:
    objections = check(with_line(tracking=(Tracking(name=name, option=option),)))

    assert found(objections) == ([(Reason.REFUSED, "lines[0].tracking")] if words else [])
    assert all(words in each.text for each in objections)
    assert preflight.needs_fresh_settings(objections, builders.NOW, builders.NOW, -1) == bool(words)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PipelineStatus.DRAFT, []),
        (PipelineStatus.APPROVED, [(Reason.INVALID_DOCUMENT, "lines")]),
        (PipelineStatus.SENT, [(Reason.INVALID_DOCUMENT, "lines")]),
    ],
)
def test_only_a_draft_may_be_without_lines(
    status: PipelineStatus, expected: list[tuple[Reason, str]]
) -> None:
    invoice = builders.invoice(
        status=status, lines=(), nett=Decimal(0), tax=Decimal(0), total=Decimal(0)
    )

    assert found(check(invoice)) == expected


def test_more_lines_than_a_request_carries_are_one_objection() -> None:
    line = builders.line(description="")

    objections = check(builders.invoice(lines=(line,) * 501))

    assert found(objections) == [(Reason.INVALID_DOCUMENT, "lines")]


def test_accounts_must_be_there_and_usable() -> None:
    archived = Account(code="200", name="Sales", tax_type="OUTPUT2", is_usable=False)

    missing = check(builders.invoice(), settings=builders.settings(accounts={}))
    unusable = check(builders.invoice(), settings=builders.settings(accounts={"200": archived}))

    for objections in (missing, unusable):
        assert found(objections) == [(Reason.ACCOUNT_UNMAPPED, "lines[0].accountCode")]
    assert "is not in Xero's chart" in missing[0].text
    assert "may not be used" in unusable[0].text


def test_tax_types_must_be_there_and_usable() -> None:
    retired = TaxRate(tax_type="OUTPUT2", rate=Decimal("0.15"), is_usable=False)

    missing = check(builders.invoice(), settings=builders.settings(tax_rates={}))
    unusable = check(builders.invoice(), settings=builders.settings(tax_rates={"OUTPUT2": retired}))

    for objections in (missing, unusable):
        assert found(objections) == [(Reason.TAX_UNMAPPED, "lines[0].taxType")]


def test_what_leads_nowhere_is_told_once_by_translation() -> None:
    objections = check(with_line(cost_code="NEW"))

    assert found(objections) == [(Reason.ACCOUNT_UNMAPPED, "lines[0].costCode")]


def test_a_link_xero_would_refuse_is_an_objection() -> None:
    policy = builders.policy(invoice_url="https://app.example/to-Xero/{id}")

    assert found(check(builders.invoice(), policy=policy)) == [(Reason.INVALID_DOCUMENT, "url")]


@pytest.mark.parametrize(
    ("reason", "age_s", "expected"),
    [
        (Reason.LOCKED_PERIOD, 301, True),
        (Reason.LOCKED_PERIOD, 300, False),
        (Reason.ACCOUNT_UNMAPPED, 301, True),
        (Reason.TOTALS_MISMATCH, 301, True),
        (Reason.INVALID_DOCUMENT, 9999, False),
        (Reason.CONTACT_UNMAPPED, 9999, False),
    ],
)
def test_a_no_from_old_settings_is_confirmed_by_a_read(
    reason: Reason, age_s: int, expected: bool
) -> None:
    objections = [Objection(reason=reason, text="why")]
    now = builders.NOW + timedelta(seconds=age_s)

    assert preflight.needs_fresh_settings(objections, builders.NOW, now, 300) is expected


def test_a_yes_needs_no_fresh_settings() -> None:
    now = builders.NOW + timedelta(days=1)

    assert not preflight.needs_fresh_settings((), builders.NOW, now, 300)


def test_objections_read_as_one_text() -> None:
    objections = check(builders.invoice(number="", reference="R" * 256))

    assert preflight.in_words(objections) == " ".join(each.text for each in objections)
