"""Preflight: every objection Xero would raise that can be known without spending a call.

Called by the engine before a write. A *no* that rests on settings older than `settings_max_age_s`
is confirmed by one read first (`needs_fresh_settings`), since the organisation may have changed.
Limits are Xero's (facts §3.5, §4, §7); due dates before the invoice date are allowed there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from syncd.domain.model import money
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.contact import ContactStatus
from syncd.domain.model.intent_body import EXACT, TieSlack
from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes
from syncd.domain.model.job import Reason
from syncd.domain.model.objection import Objection
from syncd.domain.model.settings import OrganisationSettings, TenantPolicy
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import rounding
from syncd.domain.rules.compare.translation import LineTranslation, Translation
from syncd.domain.rules.queue import holds
from syncd.domain.rules.tenant import mappings

NUMBER_LIMIT = 255
REFERENCE_LIMIT = 255
"""Xero states none (facts §3.5): what it surely takes."""
DESCRIPTION_LIMIT = 4000
LINES_LIMIT = 500
LINE_AMOUNT_LIMIT = Decimal("9999999999.99")
PLACES_LIMIT = 4
TRACKING_LIMIT = 2
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNSEEN = "{} has a character that cannot be seen, which Xero drops or refuses. Type it anew."


class Checked(Value, frozen=True, kw_only=True):
    """All objections, most of the document first; with none it may go.

    `ties` is what the rates of its codes leave open of the totals then.
    """

    objections: tuple[Objection, ...] = ()
    ties: TieSlack = EXACT


def check(
    invoice: Invoice,
    translation: Translation,
    contact: ContactStatus | None,
    settings: OrganisationSettings,
    policy: TenantPolicy,
    *,
    trouble: Objection | None = None,
) -> Checked:
    """What is to be said against sending `invoice`.

    `contact` is the status of the linked contact as last seen, None when it was never read;
    `trouble` is what the customer itself waits for, where it does.
    Translation's own objections come first: what leads nowhere is not checked further.
    """
    objections = [
        *translation.missing,
        *_contact(contact, trouble),
        *_header(invoice, policy),
        *_lock_dates(invoice.invoice_on, settings),
        *_currency(translation.currency_code, settings),
        *_lines(invoice, translation, settings),
    ]
    rates = rates_of(invoice, translation, settings)
    # Totals of a document that is refused anyway say nothing new, absurd amounts nothing at all.
    if rates is None or any(each.reason is Reason.INVALID_DOCUMENT for each in objections):
        return Checked(objections=tuple(objections))
    found = rounding.totals_agree(invoice, rates, policy.totals_tolerance)
    if isinstance(found, rounding.Differs):
        mismatch = Objection(reason=Reason.TOTALS_MISMATCH, text=found.words, field="total")
        return Checked(objections=(*objections, mismatch))
    return Checked(objections=tuple(objections), ties=found.ties)


def needs_fresh_settings(
    objections: Sequence[Objection], read_at: datetime, now: datetime, max_age_s: float
) -> bool:
    """Whether a *no* rests on settings so old that they are read once more before it counts."""
    age_s = (now - read_at).total_seconds()
    return age_s > max_age_s and any(holds.waits_for_settings(each.reason) for each in objections)


def in_words(objections: Sequence[Objection]) -> str:
    """All objections as one text for a person."""
    return " ".join(each.text for each in objections)


def _invalid(text: str, field: str) -> Objection:
    return Objection(reason=Reason.INVALID_DOCUMENT, text=text, field=field)


def _contact(status: ContactStatus | None, trouble: Objection | None) -> Iterator[Objection]:
    if status is not None and status is not ContactStatus.ACTIVE:
        is_unknown = status is ContactStatus.UNKNOWN
        if trouble is not None and (is_unknown or trouble.reason is Reason.CONTACT_ARCHIVED):
            yield trouble
            return
        yield Objection(
            reason=Reason.CONTACT_ARCHIVED,
            text=(
                f"The customer's contact is {status.value} in Xero, which takes it on no new "
                "document. Restore it in Xero, or link the customer to another contact."
            ),
            field="customerId",
        )


def _header(invoice: Invoice, policy: TenantPolicy) -> Iterator[Objection]:
    number = invoice.number.strip()
    if not number:
        yield _invalid("The invoice has no number. Give it one in Pipeline.", "number")
    elif len(number) > NUMBER_LIMIT:
        yield _invalid(
            f"The number has {len(number)} characters; Xero takes {NUMBER_LIMIT}.", "number"
        )
    if len(invoice.reference.strip()) > REFERENCE_LIMIT:
        yield _invalid(
            f"The reference has {len(invoice.reference.strip())} characters; Xero takes "
            f"{REFERENCE_LIMIT}.",
            "reference",
        )
    for name, text in (("number", number), ("reference", invoice.reference.strip())):
        if not text.isprintable() and _CONTROL.search(text):
            yield _invalid(_UNSEEN.format(name.capitalize()), name)
    if "xero" in policy.invoice_url.lower():
        yield _invalid(
            f"Xero refuses links that contain its name. Change tenants.{policy.tenant}.invoice_url "
            f"({policy.invoice_url}).",
            "url",
        )


def _lock_dates(invoice_on: date, settings: OrganisationSettings) -> Iterator[Objection]:
    """Documents dated on or before a lock date are refused (facts §7)."""
    locks = (
        ("period lock date", settings.period_lock_on),
        ("end of year lock date", settings.end_of_year_lock_on),
    )
    for name, lock_on in locks:
        if lock_on is not None and invoice_on <= lock_on:
            yield Objection(
                reason=Reason.LOCKED_PERIOD,
                text=(
                    f"The invoice is dated {invoice_on}, on or before Xero's {name} {lock_on}. "
                    "Date it later in Pipeline, or move the lock date in Xero."
                ),
                field="invoiceDate",
                cause=HoldCause(kind=CauseKind.LOCK_DATE, name=lock_on.isoformat()),
            )


def _currency(code: str, settings: OrganisationSettings) -> Iterator[Objection]:
    if code not in (settings.base_currency, *settings.currencies):
        yield Objection(
            reason=Reason.CURRENCY_UNAVAILABLE,
            text=(
                f"{settings.name} has no currency {code} in Xero "
                f"(only {', '.join(settings.currencies) or settings.base_currency}). Add it."
            ),
            field="currencyCode",
            cause=HoldCause(kind=CauseKind.CURRENCY, name=code),
        )


def _lines(
    invoice: Invoice, translation: Translation, settings: OrganisationSettings
) -> Iterator[Objection]:
    if len(invoice.lines) > LINES_LIMIT:
        yield _invalid(
            f"The invoice has {len(invoice.lines)} lines; {LINES_LIMIT} are sent at most. "
            "Split it in Pipeline.",
            "lines",
        )
        return
    if not invoice.lines and translation.status is not XeroStatus.DRAFT:
        yield _invalid("Xero approves no invoice without a line. Add one in Pipeline.", "lines")
    for index, (line, translated) in enumerate(zip(invoice.lines, translation.lines, strict=True)):
        if not _is_plain(line):
            yield from _words(index, line)
            yield from _amounts(index, line)
        yield from _codes(index, translated, invoice.line_amount_types, settings)
        if 1 <= len(line.tracking) <= TRACKING_LIMIT:
            yield from _tracking(index, line, settings)


def _is_plain(line: Line) -> bool:
    """Whether `_words` and `_amounts` have nothing to say, which is so of nearly every line."""
    discount = line.discount_percent
    return (
        1 <= len(line.description.strip()) <= DESCRIPTION_LIMIT
        and (line.description.isprintable() or not _CONTROL.search(line.description))
        and len(line.tracking) <= TRACKING_LIMIT
        and line.quantity.is_finite()
        and line.unit_amount.is_finite()
        and _is_kept(line.quantity)
        and _is_kept(line.unit_amount)
        and abs(money.times(line.quantity, line.unit_amount)) <= LINE_AMOUNT_LIMIT
        and (
            discount is None
            or (discount.is_finite() and 0 <= discount <= 100 and _is_kept(discount))  # noqa: PLR2004  (percent)
        )
    )


@lru_cache(maxsize=8192)
def _is_kept(value: Decimal) -> bool:
    return abs(value) <= LINE_AMOUNT_LIMIT and value == money.round_to(value, PLACES_LIMIT)


def _words(index: int, line: Line) -> Iterator[Objection]:
    length = len(line.description.strip())
    if not 1 <= length <= DESCRIPTION_LIMIT:
        yield _invalid(
            f"Line {index + 1} needs a description of 1 to {DESCRIPTION_LIMIT} characters; "
            f"it has {length}.",
            f"lines[{index}].description",
        )
    if _CONTROL.search(line.description):
        yield _invalid(_UNSEEN.format(f"Line {index + 1}"), f"lines[{index}].description")
    if len(line.tracking) > TRACKING_LIMIT:
        yield _invalid(
            f"Line {index + 1} has {len(line.tracking)} tracking entries; Xero takes "
            f"{TRACKING_LIMIT}.",
            f"lines[{index}].tracking",
        )


def _amounts(index: int, line: Line) -> Iterator[Objection]:
    named: tuple[tuple[str, Decimal], ...] = (
        ("quantity", line.quantity),
        ("unitAmount", line.unit_amount),
        ("discountPercent", line.discount_percent or Decimal(0)),
    )
    is_sane = True
    for name, value in named:
        if not value.is_finite() or abs(value) > LINE_AMOUNT_LIMIT:
            is_sane = False
            yield _invalid(
                f"Line {index + 1}: {name} {value} is beyond what Xero keeps "
                f"({LINE_AMOUNT_LIMIT}).",
                f"lines[{index}].{name}",
            )
        elif value != money.round_to(value, PLACES_LIMIT):
            yield _invalid(
                f"Line {index + 1}: {name} {money.canonical(value)} has more than {PLACES_LIMIT} "
                "decimals, which Xero would round.",
                f"lines[{index}].{name}",
            )
    discount = line.discount_percent
    if is_sane and discount is not None and not 0 <= discount <= 100:  # noqa: PLR2004  (percent)
        yield _invalid(
            f"Line {index + 1}: a discount of {money.canonical(discount)} % is outside 0 to 100.",
            f"lines[{index}].discountPercent",
        )
    if is_sane and abs(money.times(line.quantity, line.unit_amount)) > LINE_AMOUNT_LIMIT:
        yield _invalid(
            f"Line {index + 1} comes to more than Xero keeps ({LINE_AMOUNT_LIMIT}).",
            f"lines[{index}]",
        )


def _codes(
    index: int, translated: LineTranslation, types: LineAmountTypes, settings: OrganisationSettings
) -> Iterator[Objection]:
    account = translated.account_code
    if account is not None and (problem := mappings.account_problem(account, settings)):
        yield Objection(
            reason=Reason.ACCOUNT_UNMAPPED,
            text=(
                f"Line {index + 1}: account {account} {problem}. "
                "Map the cost code to another one, or restore it in Xero."
            ),
            field=f"lines[{index}].accountCode",
            cause=HoldCause(kind=CauseKind.ACCOUNT, name=account),
        )
    tax = translated.tax_type
    if tax is None or types is LineAmountTypes.NO_TAX:
        return
    if problem := mappings.tax_problem(tax, settings):
        yield Objection(
            reason=Reason.TAX_UNMAPPED,
            text=(
                f"Line {index + 1}: tax type {tax} {problem}. Map its rate to another one, or "
                "activate it in Xero."
            ),
            field=f"lines[{index}].taxType",
            cause=HoldCause(kind=CauseKind.TAX_TYPE, name=tax),
        )


def _tracking(index: int, line: Line, settings: OrganisationSettings) -> Iterator[Objection]:
    """As the refusal it spares, it waits for settings; case is Xero's to judge (facts §7)."""
    known = {_plain(name): options for name, options in settings.tracking.items()}
    for one in line.tracking:
        options = known.get(_plain(one.name))
        if options is None:
            what = f"the tracking category {one.name}"
        elif _plain(one.option) not in map(_plain, options):
            what = f"the option {one.option} of the tracking category {one.name}"
        else:
            continue
        yield Objection(
            reason=Reason.REFUSED,
            text=(
                f"Line {index + 1}: {what} is not active in Xero. Add it there, or change it on "
                "the line in Pipeline."
            ),
            field=f"lines[{index}].tracking",
            cause=HoldCause(kind=CauseKind.TRACKING, name=one.name.strip()),
        )


def _plain(name: str) -> str:
    return name.strip().casefold()


def rates_of(
    invoice: Invoice, translation: Translation, settings: OrganisationSettings
) -> tuple[Decimal, ...] | None:
    """The rate each line will be taxed at; None while a line has none."""
    if invoice.line_amount_types is LineAmountTypes.NO_TAX:
        return (Decimal(0),) * len(invoice.lines)
    found = tuple(settings.tax_rates.get(each.tax_type or "") for each in translation.lines)
    rates = tuple(each.rate for each in found if each is not None)
    return rates if len(rates) == len(found) else None
