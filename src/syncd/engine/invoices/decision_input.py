"""The input of a decision: one invoice's both sides, in both words, and what moved between them.

Pure. Called by `decide`; the prober uses `after_write` to move a base as delivery does.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from syncd.domain.ids import InstallationId
from syncd.domain.model.intent_body import InvoiceIntentBody
from syncd.domain.model.invoice import Invoice, LiveInvoice, StepKind
from syncd.domain.model.result import Difference
from syncd.domain.model.settings import OrganisationSettings, TenantPolicy
from syncd.domain.model.snapshot import HEADER_FIELDS, Base, Snapshot
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import comparison, snapshots, translation, write_confirmation
from syncd.domain.rules.compare.comparison import Comparison
from syncd.domain.rules.compare.line_alignment import AlignedLine
from syncd.domain.rules.compare.translation import Translation
from syncd.domain.rules.decide import bases, write_builder
from syncd.engine.invoices.loaded_invoice import LoadedInvoice, RemoteRead
from syncd.store.intents import IntentEnd


class RoundSettings(Value, frozen=True, kw_only=True):
    """What is the same for all invoices of a round."""

    policy: TenantPolicy
    settings: OrganisationSettings
    installation: InstallationId


class DecisionInput(Value, frozen=True, kw_only=True):
    """One invoice while it is being decided: `pipeline` and `xero` are what each side shows now."""

    loaded: LoadedInvoice
    remote: RemoteRead
    round_settings: RoundSettings
    invoice: Invoice | None
    pipeline: Snapshot | None
    expected: Snapshot | None
    translation: Translation | None
    xero: Snapshot | None
    base: Base | None
    compared: Comparison | None = None
    adopted: bool = False

    @property
    def live(self) -> LiveInvoice | None:
        """The document, where a look found one."""
        return self.remote.live

    @property
    def moved_base(self) -> Base | None:
        """The base to store with a settlement that does not move it further."""
        return self.base if self.adopted else None


def case_of(
    loaded: LoadedInvoice, remote: RemoteRead, round_settings: RoundSettings
) -> DecisionInput:
    """What is known and seen, in snapshots of both sides' own words."""
    invoice = loaded.desired.content if loaded.desired is not None else None
    meaning = meant = said = None
    if invoice is not None:
        said = snapshots.of_pipeline(invoice)
        meaning = translation.translate(
            invoice,
            round_settings.policy,
            round_settings.settings,
            loaded.contact_id,
            loaded.trouble,
        )
        meant = translation.expected(invoice, meaning, said)
    return DecisionInput(
        loaded=loaded,
        remote=remote,
        round_settings=round_settings,
        invoice=invoice,
        pipeline=said,
        expected=meant,
        translation=meaning,
        xero=None if remote.live is None else snapshots.of_xero(remote.live),
        base=loaded.base,
    )


def compared(case: DecisionInput) -> DecisionInput:
    """Compare wherever a verdict may ask for it: a document is there to stand beside ours."""
    if case.xero is None:
        return case
    return replace(
        case,
        compared=comparison.compare(
            base=_asserted_base(case),
            desired=case.pipeline,
            live=case.xero,
            expected=case.expected,
            tolerance=case.round_settings.policy.totals_tolerance,
            aliases=case.loaded.aliases,
            sent_in_xero=case.live is not None and case.live.sent_to_contact,
        ),
    )


def _asserted_base(case: DecisionInput) -> Base | None:
    """The base; of a withdrawn invoice with what our writes since may have put into empty fields.

    Such a write may have landed, its answer lost, and a bookkeeper may have written over it: that
    is an edit, although Pipeline had nothing to say there when both sides last agreed.
    """
    base = case.base
    if case.pipeline is not None or base is None or base.pipeline is None:
        return base
    filled: dict[str, Any] = {}
    for one in case.loaded.earlier:
        said = one.body.desired if isinstance(one.body, InvoiceIntentBody) else None
        for field in HEADER_FIELDS:
            if said is not None and not getattr(base.pipeline, field) and getattr(said, field):
                filled[field] = getattr(said, field)
    return replace(base, pipeline=replace(base.pipeline, **filled))


def with_late_write(case: DecisionInput) -> DecisionInput:
    """A live document that shows a write of ours that was given up since the base is ours, late.

    One that was confirmed is in the base already, whatever a clock that was set back since says of
    their ages; one that was refused never landed, so whoever made the same change is somebody else.
    """
    if case.base is None or case.live is None or case.xero is None:
        return case
    for intent in reversed(case.loaded.earlier):
        body = intent.body
        if (
            isinstance(body, InvoiceIntentBody)
            and body.desired is not None
            and body.expected is not None
            and intent.step is StepKind.UPDATE
            and intent.end is IntentEnd.ABANDONED
            and write_confirmation.shows(body.write, case.live)
        ):
            tolerance = case.round_settings.policy.totals_tolerance
            written = after_write(case.loaded, body, case.live, tolerance=tolerance)
            return replace(case, base=written.base, adopted=True)
    return case


def adopted_base(case: DecisionInput) -> Base:
    """The base of a document found with our mark: what was sent, else what stands on both sides."""
    assert case.xero is not None, "only a found document is adopted"
    for intent in reversed(case.loaded.earlier):
        body = intent.body
        if (
            isinstance(body, InvoiceIntentBody)
            and intent.step is StepKind.CREATE
            and body.desired is not None
            and body.expected is not None
        ):
            return bases.base_after_adoption(
                desired=body.desired,
                expected=body.expected,
                live=case.xero,
                tolerance=case.round_settings.policy.totals_tolerance,
                ties=body.ties,
                aliases=case.loaded.aliases,
            )
    if case.pipeline is None:
        return Base(pipeline=None, xero=case.xero)
    assert case.compared is not None, "a found document has been compared"
    return bases.base_as_both_show(None, case.pipeline, case.xero, case.compared)


def listed_after(
    base: Base,
    body: InvoiceIntentBody,
    live: LiveInvoice,
    *,
    tolerance: Decimal,
    loaded: LoadedInvoice,
) -> tuple[Difference, ...]:
    """What is listed once `live` has confirmed the write of `body`: kept, or altered by Xero."""
    if not (base.kept or base.altered):
        return ()
    shown = snapshots.of_xero(live)
    found = _compared_after(base, body, shown, live, tolerance=tolerance, loaded=loaded)
    return comparison.differences(found)


def _compared_after(
    base: Base,
    body: InvoiceIntentBody,
    shown: Snapshot,
    live: LiveInvoice,
    *,
    tolerance: Decimal,
    loaded: LoadedInvoice,
) -> Comparison:
    return comparison.compare(
        base=base,
        desired=body.desired,
        live=shown,
        expected=body.expected,
        tolerance=tolerance,
        aliases=loaded.aliases,
        sent_in_xero=live.sent_to_contact,
    )


def after_write(
    loaded: LoadedInvoice,
    body: InvoiceIntentBody,
    live: LiveInvoice,
    *,
    tolerance: Decimal,
    is_found: bool = False,
) -> bases.BaseAfterWrite:
    """The base once `live` has confirmed the write of `body`, and what Xero altered named in it.

    What a look finds altered may as well be somebody's edit since: `bases.base_of_a_look`.
    """
    assert body.desired is not None, "a write that carries content has Pipeline's half"
    assert body.expected is not None, "a write that carries content has it in Xero's words"
    after = snapshots.of_xero(live)
    is_exact = write_confirmation.shows_exactly(body.expected, after)
    pairs: tuple[tuple[str, str], ...] = ()
    lines: tuple[AlignedLine, ...] = ()
    wanted: tuple[str, ...] = ()
    if body.base_xero is not None:
        before = comparison.compare(
            base=loaded.base, desired=body.desired, live=body.base_xero, expected=body.expected
        )
        pairs, lines = before.pairs, before.lines
        of_document = (each for each in before.diffs if each.line_index is None)
        wanted = tuple(each.field for each in of_document if each.moved_pipeline)
    written = bases.base_after_write(
        base=loaded.base,
        desired=body.desired,
        read=body.base_xero,
        sent=body.write,
        after=after,
        pairs=write_builder.pairs_after(
            body.write, body.expected.lines, after.lines, pairs, is_exact=is_exact
        ),
        lines=lines,
    )
    if is_exact:
        return written
    found = _compared_after(written.base, body, after, live, tolerance=tolerance, loaded=loaded)
    altered = write_confirmation.altered(body.write, found, body.ties, wanted=wanted)
    if not altered:
        return written
    base = bases.base_of_a_look(written.base, body.expected, altered) if is_found else written.base
    return replace(written, base=replace(base, altered=altered))
