"""Comparison: which fields moved on which side since both last agreed, and which now agree.

Called before every verdict (threeway), every write (plan) and every listing of differences. A field
moved in Pipeline when it is not what `base.pipeline` shows, in Xero when it is not what `base.xero`
shows; the sides agree on it when Xero shows what Pipeline's word means there (`expected`).

A field Xero altered as it took our write (`Base.altered`) was never agreed: it counts until it
shows the same, or Pipeline says something else. A word of Pipeline's that leads nowhere in Xero yet
(`translation.missing`) and was never agreed is no difference either: nobody knows.

Three things look like edits and are none: a field Pipeline leaves empty, now and in the base, and
of which no rule of ours says anything (`field_diff.DERIVED`), is not compared; a contact merged in
Xero is its survivor; a status further on in Xero is an approval.
A missing half of a base counts as moved. Totals are equal within the tenant's tolerance.

A field that moved and shows the same on both is agreed again, also while another is apart: it makes
no conflict of what only one side moved besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from syncd.domain.model.invoice import Invoice, LiveInvoice
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.snapshot import LINE_FIELDS, Base, Snapshot
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import snapshots, status_order
from syncd.domain.rules.compare.field_diff import DocumentDiff, FieldDiff, line_key
from syncd.domain.rules.compare.line_alignment import AlignedLine, align, pairs_of
from syncd.domain.rules.compare.translation import Translation
from syncd.domain.rules.compare.translation import expected as expected_in_xero

_NO_BASE = Base(pipeline=None, xero=None)


class Moves(Value, frozen=True, kw_only=True):
    """What a verdict needs to know of a comparison."""

    pipeline: bool = False
    xero: bool = False
    converged: bool = True
    """Every field that moved on either side now shows the same on both."""
    equal: bool = True
    """Every compared field shows the same on both."""
    only_unsent: bool = False
    """Every compared field is equal, but Xero does not say sent to contact as Pipeline does now."""
    untranslated: bool = False
    """A word of Pipeline's leads nowhere in Xero yet, and all that can be compared is equal."""
    kept_touched: bool = False
    """Pipeline moved a field whose difference a person decided to keep."""
    pipeline_regressed: bool = False
    xero_regressed: bool = False
    altered: bool = False
    """Xero altered a field as it took our write, and Pipeline has said nothing else since."""

    @property
    def is_still(self) -> bool:
        """Nothing moved anywhere, and all of it was agreed or decided."""
        return not (self.pipeline or self.xero or self.altered)


class Comparison(Value, frozen=True, kw_only=True):
    """The two sides beside each other. `approved`: Xero's status has come further, no edit."""

    diffs: tuple[FieldDiff, ...]
    lines: tuple[AlignedLine, ...]
    moves: Moves
    approved: bool = False
    filled: tuple[str, ...] = ()
    """`Base.filled` of a base made of what both sides show now."""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(Pipeline line id, LineItemID) of the lines that stand on both sides now."""
        return pairs_of(self.lines)


def compare(
    *,
    base: Base | None,
    desired: Snapshot | None,
    live: Snapshot | None,
    expected: Snapshot | None,
    tolerance: Decimal = Decimal(0),
    aliases: Mapping[str, str] | None = None,
    sent_in_xero: bool = False,
) -> Comparison:
    """What moved and what agrees.

    `desired` None: withdrawn, then nothing moved in Pipeline but its being there. `expected` is
    `desired` in Xero's words. `tolerance` is in currency units, `aliases` maps merged contacts to
    their survivors, `sent_in_xero` is the live SentToContact, asked for when Pipeline turns Sent.
    """
    status = status_order.compare_status(
        base=base, desired=desired, live=live, expected=expected, sent_in_xero=sent_in_xero
    )
    lines = align(base=base, desired=desired, live=live, expected=expected)
    document = DocumentDiff(
        base=base or _NO_BASE,
        desired=desired,
        live=live,
        expected=expected or desired,
        tolerance=tolerance,
        aliases=aliases or {},
    )
    diffs = [*document.status(status)]
    if live is None or not status_order.is_gone(live.status):
        diffs = [*document.header(), *diffs, *document.line_count(), *document.lines(lines)]
    moved = [each for each in diffs if each.moved_pipeline or each.moved_xero or each.altered]
    if desired is not None:
        # Where both show the same they agree, whoever moved: only what is apart can conflict.
        moved = [each for each in moved if not each.same] or moved
    return Comparison(
        diffs=tuple(diffs),
        lines=lines,
        approved=status.approved,
        filled=_filled(document, lines),
        moves=Moves(
            pipeline=any(each.moved_pipeline for each in moved),
            xero=any(each.moved_xero for each in moved),
            converged=all(each.same for each in moved),
            equal=all(each.same for each in diffs),
            only_unsent=status.only_unsent
            and all(each.same for each in diffs if each.field != "status"),
            untranslated=_is_untranslated(diffs),
            kept_touched=any(each.kept and each.moved_pipeline and not each.same for each in moved),
            pipeline_regressed=status.pipeline_regressed,
            xero_regressed=status.xero_regressed,
            altered=any(each.is_unsettled for each in diffs),
        ),
    )


def _is_untranslated(diffs: Sequence[FieldDiff]) -> bool:
    """What can be compared is equal, and something cannot."""
    apart = [each for each in diffs if not each.same]
    return bool(apart) and all(each.untranslated for each in apart)


def _filled(document: DocumentDiff, lines: tuple[AlignedLine, ...]) -> tuple[str, ...]:
    """Once adopted, a document keeps what it shows where Pipeline is empty and a rule says else."""
    pipeline, expected, xero = document.desired, document.expected, document.live
    if document.base.pipeline is not None:
        return renamed(document.base.filled, lines)
    if pipeline is None or expected is None or xero is None:
        return ()
    found = ["due_on"] if pipeline.due_on is None and expected.due_on != xero.due_on else []
    for line in lines:
        if line.pipeline is None or line.expected is None or line.xero is None:
            continue
        if line.pipeline.tax is None and line.expected.tax != line.xero.tax:
            found.append(line_key(line.next_key, "tax"))
    return tuple(found)


def renamed(keys: Sequence[str], lines: Sequence[AlignedLine]) -> tuple[str, ...]:
    """Keys of a base (`Base.kept`, `Base.filled`) in one made of what both sides show now.

    Whoever saves a document by replacing its lines gives them other ids, and decides nothing by it.
    """
    changed = [line for line in lines if line.key != line.next_key]
    if not keys or not changed:
        return tuple(keys)
    now = {
        line_key(line.key, field): line_key(line.next_key, field)
        for line in changed
        for field in ("", *LINE_FIELDS)
    }
    return tuple(now.get(each, each) for each in keys)


def compare_documents(
    *,
    base: Base | None,
    invoice: Invoice | None,
    live: LiveInvoice | None,
    translation: Translation | None,
    tolerance: Decimal = Decimal(0),
    aliases: Mapping[str, str] | None = None,
) -> Comparison:
    """`compare`, from the documents themselves; a translation is needed beside an invoice."""
    return compare(
        base=base,
        desired=snapshots.of_pipeline(invoice) if invoice else None,
        live=snapshots.of_xero(live) if live else None,
        expected=expected_in_xero(invoice, translation) if invoice and translation else None,
        tolerance=tolerance,
        aliases=aliases,
        sent_in_xero=live is not None and live.sent_to_contact,
    )


def differences(comparison: Comparison) -> tuple[Difference, ...]:
    """What is shown to people, in the order of the document: all that differs and is explained.

    What nobody can compare yet is told by what is missing.
    """
    return tuple(
        Difference(
            field=each.name,
            pipeline=each.pipeline,
            xero=each.xero,
            agreed=each.agreed,
            moved_by=_moved_by(each),
        )
        for each in comparison.diffs
        if each.is_shown and not each.untranslated
    )


def _moved_by(diff: FieldDiff) -> MovedBy | None:
    if diff.moved_pipeline and diff.moved_xero:
        return MovedBy.BOTH
    if diff.moved_pipeline:
        return MovedBy.PIPELINE
    return MovedBy.XERO if diff.moved_xero or diff.altered else None
