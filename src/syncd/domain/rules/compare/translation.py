"""Translates Pipeline's codes into Xero's, at the write, to be stored with its intent.

A changed mapping therefore moves nothing by itself; it only changes what the next write says.

| in Xero      | from Pipeline, first that is there                                            |
|--------------|-------------------------------------------------------------------------------|
| account code | the line's accountCode; `cost_codes`                                          |
| tax type     | the line's taxType; NONE on NoTax; `cost_codes`; `tax_types`; the account's   |
| due date     | the invoice's; invoice date + `due_days`                                      |
| currency     | the invoice's; the organisation's base currency                               |
| status       | Draft → DRAFT; Approved → `approved_as`; Sent → AUTHORISED with SentToContact |
"""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import structs

from syncd.domain.ids import XeroContactId
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.invoice import Invoice, InvoiceWrite, Line, LineAmountTypes
from syncd.domain.model.job import Reason
from syncd.domain.model.money import canonical
from syncd.domain.model.objection import Objection
from syncd.domain.model.settings import CodeMapping, OrganisationSettings, TenantPolicy
from syncd.domain.model.snapshot import Snapshot
from syncd.domain.model.statuses import PipelineStatus, XeroStatus, wanted_in_xero
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import snapshots
from syncd.domain.rules.contacts import trouble as contact_trouble

NO_TAX = "NONE"
"""Xero's tax type for a line that knows no tax (facts §3.5)."""


class LineTranslation(Value, frozen=True, kw_only=True):
    """One line's codes in Xero; None where nothing leads there (see `Translation.missing`)."""

    account_code: str | None
    tax_type: str | None


class Translation(Value, frozen=True, kw_only=True):
    """An invoice's meaning in Xero, beside what it says literally; `lines` in its lines' order."""

    status: XeroStatus
    sent_to_contact: bool
    contact_id: XeroContactId | None
    currency_code: str
    due_on: date
    lines: tuple[LineTranslation, ...]
    missing: tuple[Objection, ...] = ()
    """What nothing leads to; the invoice waits for it."""


def translate(
    invoice: Invoice,
    policy: TenantPolicy,
    settings: OrganisationSettings,
    contact_id: XeroContactId | None,
    trouble: Objection | None = None,
) -> Translation:
    """What `invoice` means in Xero, and in plain words whatever has no meaning there yet.

    `trouble` is the customer's own, where it has no contact.
    """
    missing: list[Objection] = []
    if contact_id is None:
        missing.append(trouble or contact_trouble.objection(contact_trouble.NOBODY))
    lines = tuple(
        _translate_line(
            index,
            line,
            amounts=invoice.line_amount_types,
            policy=policy,
            settings=settings,
            missing=missing,
        )
        for index, line in enumerate(invoice.lines)
    )
    return Translation(
        status=wanted_in_xero(invoice.status, policy.approved_as),
        sent_to_contact=invoice.status is PipelineStatus.SENT,
        contact_id=contact_id,
        currency_code=invoice.currency_code or settings.base_currency,
        due_on=invoice.due_on or invoice.invoice_on + timedelta(days=policy.due_days),
        lines=lines,
        missing=tuple(missing),
    )


def as_sent(write: InvoiceWrite) -> Translation:
    """The translation a create was written with, which says all of it."""
    assert write.status is not None, "a create says its status"
    assert write.currency_code is not None, "a create says its currency"
    assert write.due_on is not None, "a create says its due date"
    return Translation(
        status=write.status,
        sent_to_contact=bool(write.sent_to_contact),
        contact_id=write.contact_id,
        currency_code=write.currency_code,
        due_on=write.due_on,
        lines=tuple(
            LineTranslation(account_code=line.account_code, tax_type=line.tax_type)
            for line in write.lines or ()
        ),
    )


def expected(
    invoice: Invoice, translation: Translation, pipeline: Snapshot | None = None
) -> Snapshot:
    """What Xero will show for `invoice`, in Xero's words; line ids and totals are Pipeline's.

    `pipeline` is `snapshots.of_pipeline(invoice)`, where the caller has it already.
    """
    pipeline = pipeline or snapshots.of_pipeline(invoice)
    return structs.replace(
        pipeline,
        status=translation.status.value,
        contact=translation.contact_id,
        due_on=translation.due_on.isoformat(),
        currency=translation.currency_code,
        lines=tuple(
            structs.replace(line, account=in_xero.account_code, tax=in_xero.tax_type)
            for line, in_xero in zip(pipeline.lines, translation.lines, strict=True)
        ),
    )


def _translate_line(
    index: int,
    line: Line,
    *,
    amounts: LineAmountTypes,
    policy: TenantPolicy,
    settings: OrganisationSettings,
    missing: list[Objection],
) -> LineTranslation:
    mapping = policy.cost_codes.get(line.cost_code) if line.cost_code else None
    account = line.account_code or (mapping.account if mapping else None)
    if account is None:
        missing.append(_account_missing(index, line, policy))
    tax = _tax_type(
        line,
        amounts=amounts,
        mapping=mapping,
        account=account,
        policy=policy,
        settings=settings,
    )
    # Without an account the tax may only be missing because of it: one objection is enough.
    if tax is None and account is not None:
        missing.append(_tax_missing(index, line, account, policy))
    return LineTranslation(account_code=account, tax_type=tax)


def _tax_type(
    line: Line,
    *,
    amounts: LineAmountTypes,
    mapping: CodeMapping | None,
    account: str | None,
    policy: TenantPolicy,
    settings: OrganisationSettings,
) -> str | None:
    if line.tax_type:
        return line.tax_type
    if amounts is LineAmountTypes.NO_TAX:
        return NO_TAX
    if mapping is not None and mapping.tax:
        return mapping.tax
    by_rate = None if line.tax_rate is None else policy.tax_types.get(line.tax_rate)
    if by_rate:
        return by_rate
    row = settings.accounts.get(account) if account is not None else None
    return (row.tax_type or None) if row is not None else None


def _account_missing(index: int, line: Line, policy: TenantPolicy) -> Objection:
    cause = None
    if line.cost_code:
        cause = HoldCause(kind=CauseKind.COST_CODE, name=line.cost_code)
        what = f"cost code {line.cost_code!r}, which leads to no Xero account"
        cure = f"Set tenants.{policy.tenant}.cost_codes.{line.cost_code}.account"
    else:
        what = "neither a cost code nor an account code"
        cure = "Give the line one in Pipeline"
    return Objection(
        reason=Reason.ACCOUNT_UNMAPPED,
        text=f"Line {index + 1} has {what}. {cure}.",
        field=f"lines[{index}].{'costCode' if line.cost_code else 'accountCode'}",
        cause=cause,
    )


def _tax_missing(index: int, line: Line, account: str, policy: TenantPolicy) -> Objection:
    cause = None
    if line.tax_rate is None:
        what = f"no tax rate, and account {account} has no tax type of its own in Xero"
        cure = "Give the line a tax rate in Pipeline"
    else:
        rate = canonical(line.tax_rate)
        cause = HoldCause(kind=CauseKind.TAX_RATE, name=rate)
        what = f"tax rate {rate}, which leads to no Xero tax type"
        cure = f'Set tenants.{policy.tenant}.tax_types."{rate}"'
    return Objection(
        reason=Reason.TAX_UNMAPPED,
        text=f"Line {index + 1} has {what}. {cure}.",
        field=f"lines[{index}].taxRate",
        cause=cause,
    )
