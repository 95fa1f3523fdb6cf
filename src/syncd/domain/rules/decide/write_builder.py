"""Builds the one write that follows from a verdict, with the fields that moved and no others.

Called after `threeway.classify` and `policy.admit`; the adapter turns the write into bytes. Built
on facts §3.2 and §3.7: an omitted field is left as it stands; LineItems omitted leaves every line;
LineItems sent deletes every line missing from it, so each line that stays travels with its
LineItemID and, where Pipeline did not move it, with what Xero shows (a bookkeeper's tracking too).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from syncd.domain.ids import InstallationId, PipelineInvoiceId
from syncd.domain.model.invoice import (
    Invoice,
    InvoiceWrite,
    Line,
    LineWrite,
    LiveInvoice,
    LiveLine,
    StepKind,
)
from syncd.domain.model.settings import TenantPolicy
from syncd.domain.model.snapshot import LineSnapshot
from syncd.domain.model.statuses import XeroStatus, rank_in_xero
from syncd.domain.model.value import like
from syncd.domain.rules.compare import line_joining
from syncd.domain.rules.compare.comparison import Comparison
from syncd.domain.rules.compare.field_diff import FieldDiff
from syncd.domain.rules.compare.ownership_mark import mark_url
from syncd.domain.rules.compare.translation import LineTranslation, Translation
from syncd.domain.rules.decide.situation import Verdict, VerdictKind

_HEADER = (
    "number", "reference", "contact", "invoice_on", "due_on", "currency", "line_amount_types",
)  # fmt: skip
_WRITTEN_AS = {
    "description": "description",
    "quantity": "quantity",
    "unit_amount": "unit_amount",
    "discount": "discount_rate",
    "account": "account_code",
    "tax": "tax_type",
    "tracking": "tracking",
}
_WHOLE_LINE = ""


def step_for(
    verdict: Verdict,
    *,
    pipeline_id: PipelineInvoiceId,
    desired: Invoice | None,
    live: LiveInvoice | None,
    comparison: Comparison | None,
    translation: Translation | None,
    policy: TenantPolicy,
    installation: InstallationId,
) -> InvoiceWrite | None:
    """The write `verdict` asks for; None when it asks for none.

    Also None for an UPDATE of which nothing can be written: only totals moved in Pipeline, and
    Xero computes those itself. The caller shows that as out of sync.
    `translation.missing` has been dealt with before: what is missing there cannot be written.
    """
    if verdict.kind is VerdictKind.CREATE:
        assert desired is not None, "a create needs Pipeline's side"
        assert translation is not None, "a create needs its translation"
        return create(desired, translation, mark_url(policy.invoice_url, desired.id, installation))
    if verdict.kind is VerdictKind.WITHDRAW:
        assert live is not None, "a withdrawal needs the live document"
        return withdraw(pipeline_id, live)
    if verdict.kind not in (VerdictKind.UPDATE, VerdictKind.MIRROR):
        return None
    assert desired is not None, "an update needs Pipeline's side"
    assert live is not None, "an update needs the live document"
    assert comparison is not None, "an update needs the comparison it follows from"
    assert translation is not None, "an update needs its translation"
    is_mirror = verdict.kind is VerdictKind.MIRROR
    chosen = tuple(
        each
        for each in comparison.diffs
        if not each.same and (each.moved_xero if is_mirror else each.moved_pipeline)
    )
    return update(desired, live, comparison, translation, chosen)


def create(invoice: Invoice, translation: Translation, url: str) -> InvoiceWrite:
    """Everything, with the mark; sent by PUT, which cannot overwrite."""
    return InvoiceWrite(
        step=StepKind.CREATE,
        pipeline_id=invoice.id,
        number=invoice.number,
        reference=invoice.reference or None,
        contact_id=translation.contact_id,
        invoice_on=invoice.invoice_on,
        due_on=translation.due_on,
        status=translation.status,
        sent_to_contact=True if translation.sent_to_contact else None,
        currency_code=translation.currency_code,
        line_amount_types=invoice.line_amount_types,
        url=url,
        lines=tuple(
            _new_line(line, codes)
            for line, codes in zip(invoice.lines, translation.lines, strict=True)
        ),
    )


def withdraw(pipeline_id: PipelineInvoiceId, live: LiveInvoice) -> InvoiceWrite:
    """DELETED for a draft or submitted document, VOIDED for an authorised one (facts §3.7)."""
    is_early = live.status in (XeroStatus.DRAFT, XeroStatus.SUBMITTED)
    return InvoiceWrite(
        step=StepKind.DELETE if is_early else StepKind.VOID,
        pipeline_id=pipeline_id,
        xero_id=live.id,
        status=XeroStatus.DELETED if is_early else XeroStatus.VOIDED,
    )


def update(
    invoice: Invoice,
    live: LiveInvoice,
    comparison: Comparison,
    translation: Translation,
    chosen: Sequence[FieldDiff],
) -> InvoiceWrite | None:
    """The `chosen` fields at Pipeline's value, or None when none of them can be written."""
    header = {each.field for each in chosen if each.line_index is None}
    turned = "status" in header
    rises = turned and rank_in_xero(translation.status) > rank_in_xero(live.status)
    sends = turned and translation.sent_to_contact and not live.sent_to_contact
    retypes = "line_amount_types" in header
    writes_lines = retypes or any(each.line_index is not None for each in chosen)
    if not (rises or sends or writes_lines or any(field in header for field in _HEADER)):
        return None
    return InvoiceWrite(
        step=StepKind.UPDATE,
        pipeline_id=invoice.id,
        xero_id=live.id,
        number=invoice.number if "number" in header else None,
        reference=invoice.reference if "reference" in header else None,
        contact_id=translation.contact_id if "contact" in header else None,
        invoice_on=invoice.invoice_on if "invoice_on" in header else None,
        due_on=translation.due_on if "due_on" in header else None,
        status=translation.status if rises else None,
        sent_to_contact=True if sends else None,
        currency_code=translation.currency_code if "currency" in header else None,
        line_amount_types=invoice.line_amount_types if retypes else None,
        lines=(
            _lines(invoice, live, comparison, translation, chosen, retypes=retypes)
            if writes_lines
            else None
        ),
    )


def pairs_after(
    write: InvoiceWrite,
    expected: Sequence[LineSnapshot],
    after: Sequence[LineSnapshot],
    pairs: Sequence[tuple[str, str]] = (),
    *,
    is_exact: bool = False,
) -> tuple[tuple[str, str], ...]:
    """(Pipeline line id, LineItemID) once `write` was answered with the lines `after`.

    Lines that stay keep their id; the others are joined by content, then by place, for Xero answers
    in an order of its own. `expected` is Pipeline's lines in Xero's words; `is_exact`: these lines,
    one after the other, are what `after` shows. `pairs` are the comparison's from before, and stand
    when the write left the lines alone.
    """
    if write.lines is None:
        return tuple(pairs)
    if write.step is StepKind.CREATE and is_exact:
        return tuple(
            [(pipeline.id, xero.id) for pipeline, xero in zip(expected, after, strict=True)]
        )
    here = {line.id for line in after}
    own = [line for line in write.lines if line.pipeline_line_id is not None]
    stayed = {line.line_item_id: line.pipeline_line_id for line in own if line.line_item_id in here}
    words = {line.id: line for line in expected}
    fresh = [
        words[line.pipeline_line_id]
        for line in own
        if line.line_item_id not in here and line.pipeline_line_id in words
    ]
    kept = {line.line_item_id for line in write.lines}
    new = [line for line in after if line.id not in kept]
    joined = zip(fresh, line_joining.join(fresh, new), strict=True)
    found = {pipeline.id: new[place].id for pipeline, place in joined if place is not None}
    found |= {pipeline: xero for xero, pipeline in stayed.items() if pipeline is not None and xero}
    return tuple((line.id, found[line.id]) for line in expected if line.id in found)


def _lines(
    invoice: Invoice,
    live: LiveInvoice,
    comparison: Comparison,
    translation: Translation,
    chosen: Sequence[FieldDiff],
    *,
    retypes: bool,
) -> tuple[LineWrite, ...]:
    moved: dict[int, list[str]] = {}
    for each in chosen:
        if each.line_index is not None:
            moved.setdefault(each.line_index, []).append(each.field)
    kept_tax = [each.line_index for each in comparison.diffs if each.field == "tax" and each.kept]
    lines: list[LineWrite] = []
    for place, line in enumerate(comparison.lines):
        fields = moved.get(place, [])
        pipeline_index = line.pipeline_index
        xero_line = live.lines[line.xero_index] if line.xero_index is not None else None
        if pipeline_index is not None and xero_line is not None:
            # A tax type belongs to its account and to the kind of amounts: it follows them.
            if ("account" in fields or retypes) and place not in kept_tax:
                fields = [*fields, "tax"]
            lines.append(
                _staying_line(
                    invoice.lines[pipeline_index],
                    translation.lines[pipeline_index],
                    xero_line,
                    fields,
                )
            )
        elif pipeline_index is not None and _WHOLE_LINE in fields:
            lines.append(
                _new_line(invoice.lines[pipeline_index], translation.lines[pipeline_index])
            )
        elif xero_line is not None and _WHOLE_LINE not in fields:
            lines.append(_as_it_stands(xero_line))
    return tuple(lines)


def _new_line(line: Line, codes: LineTranslation) -> LineWrite:
    return LineWrite(
        pipeline_line_id=line.id,
        description=line.description,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        discount_rate=line.discount_percent or None,
        account_code=codes.account_code,
        tax_type=codes.tax_type,
        tracking=line.tracking,
    )


def _as_it_stands(live: LiveLine) -> LineWrite:
    return like(LineWrite, live, pipeline_line_id=None)


def _staying_line(
    line: Line, codes: LineTranslation, live: LiveLine, fields: Sequence[str]
) -> LineWrite:
    """The live line, with Pipeline's value in `fields`."""
    written = _new_line(line, codes)
    values = {_WRITTEN_AS[field]: getattr(written, _WRITTEN_AS[field]) for field in fields}
    if values.get("discount_rate", 0) is None:
        values["discount_rate"] = Decimal(0)  # left out it would stay as it stands
    return replace(_as_it_stands(live), pipeline_line_id=line.id, **values)
