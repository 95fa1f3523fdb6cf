"""Causes: why a document of one book is not the same in the other, from what is stored of it.

Pure. Called for every pair of documents of the control totals. A cause is only given where
something stored says it: the queue's state, a base that moved, a recorded decision, a tolerance.
What differs and has none is left without, and the report says so first.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from syncd.domain.model.control_totals import (
    BY_LINES,
    NOTHING,
    Amounts,
    Cause,
    Contribution,
    Dimension,
)
from syncd.domain.model.invoice import Invoice, LiveInvoice
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.money import CENT
from syncd.domain.model.settings import OrganisationSettings, TenantPolicy
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import rank_in_xero
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import rounding
from syncd.domain.rules.compare.comparison import Comparison, compare_documents, differences
from syncd.domain.rules.compare.field_diff import FieldDiff
from syncd.domain.rules.compare.rounding import OnlyTies
from syncd.domain.rules.compare.snapshots import COST_CODE, RATE
from syncd.domain.rules.compare.translation import Translation
from syncd.domain.rules.decide import remapping

_TOTALS = ("nett", "tax", "total")
_BY_STATE = {
    PublicState.PENDING: Cause.PENDING,
    PublicState.WAITING: Cause.HELD,
    PublicState.OUT_OF_SYNC: Cause.OUT_OF_SYNC,
    PublicState.FAILED: Cause.FAILED,
    PublicState.UNCERTAIN: Cause.UNCERTAIN,
}
_TEXTS = {
    Cause.PENDING: "Queued; it is written by itself.",
    Cause.HELD: "It waits; see its reason.",
    Cause.OUT_OF_SYNC: "Changed where a person must compare both sides and resolve.",
    Cause.FAILED: "Xero refused it; a person changes the document.",
    Cause.UNCERTAIN: "A write was sent and its outcome is being looked for.",
    Cause.DELETED_WITH_MONEY: "Deleted in Pipeline, but money stands on it in Xero.",
    Cause.DELETED_IN_PIPELINE: "Deleted in Pipeline; it still stands in Xero.",
    Cause.GONE_IN_XERO: "Voided or deleted in Xero; Pipeline still has it.",
    Cause.BEFORE_START: "Dated before the tenant's start date; left alone.",
    Cause.UNREADABLE: "Pipeline's document could not be read.",
    Cause.UNREADABLE_IN_XERO: "Its document in Xero cannot be read, and is in no sum of Xero's.",
}


class StoredInvoice(Value, frozen=True, kw_only=True):
    """What is stored of one Pipeline invoice.

    `state` None: it was never queued, being out of scope. `note` is its reason in plain words.
    """

    not_shown = ("invoice", "base")

    key: str
    number: str
    is_withdrawn: bool = False
    invoice: Invoice | None = None
    problem: str | None = None
    hidden: str = ""
    """Why its document in Xero, which is there, cannot be read."""
    state: PublicState | None = None
    reason: Reason | None = None
    note: str = ""
    is_linked: bool = False
    base: Base | None = None


class Pair(Value, frozen=True, kw_only=True):
    """One Pipeline invoice and its document in Xero, if one is alive, with what both add.

    `translation` goes with the invoice; `aliases` maps merged contacts to their survivors.
    """

    stored: StoredInvoice
    live: LiveInvoice | None = None
    pipeline: Contribution | None = None
    xero: Contribution | None = None
    translation: Translation | None = None
    aliases: Mapping[str, str] = {}

    @property
    def is_even(self) -> bool:
        """Both add the same to every group."""
        return self.pipeline == self.xero


class PairCause(Value, frozen=True, kw_only=True):
    """Why a pair is an exception. `cause` None where it differs and nothing stored says why."""

    cause: Cause | None
    text: str
    fields: tuple[str, ...] = ()


def cause_of(pair: Pair, policy: TenantPolicy, settings: OrganisationSettings) -> PairCause | None:
    """Why the pair is an exception; None when it is none."""
    stored = pair.stored
    if stored.hidden:
        return _says(Cause.UNREADABLE_IN_XERO, stored.hidden)
    if stored.is_withdrawn:
        return None if pair.xero is None else _of_withdrawn(stored)
    if pair.pipeline is not None and pair.xero is not None and stored.state is not None:
        return _of_both(pair, policy, settings)
    return _of_one(pair)


def _of_one(pair: Pair) -> PairCause:
    """Only one side adds anything, or Pipeline's is out of scope."""
    stored = pair.stored
    if stored.state is None:
        return _says(Cause.BEFORE_START, "")
    if pair.pipeline is None:
        return _says(Cause.UNREADABLE, stored.problem or "")
    if stored.is_linked:
        return _says(Cause.GONE_IN_XERO, stored.note)
    return _by_state(stored)


def _of_both(pair: Pair, policy: TenantPolicy, settings: OrganisationSettings) -> PairCause | None:
    state = pair.stored.state
    if pair.is_even and state in (PublicState.SYNCED, PublicState.PENDING):
        return None
    if state is PublicState.SYNCED:
        return _of_settled(pair, policy, settings)
    return _by_state(pair.stored, _fields(_compared(pair, policy)))


def _of_withdrawn(stored: StoredInvoice) -> PairCause:
    if stored.reason is Reason.HAS_PAYMENTS:
        return _says(Cause.DELETED_WITH_MONEY, stored.note)
    if stored.state in (PublicState.OUT_OF_SYNC, PublicState.FAILED, PublicState.UNCERTAIN):
        return _by_state(stored)
    if stored.state in (PublicState.PENDING, PublicState.WAITING):
        return _says(Cause.DELETED_IN_PIPELINE, stored.note)
    if (
        stored.state is PublicState.SYNCED
        and stored.base is not None
        and stored.base.left is not None
    ):
        text = "Deleted in Pipeline, and left standing in Xero by decision."
        return PairCause(cause=Cause.KEPT, text=text)
    return _unknown("Deleted in Pipeline, but alive in Xero, and nothing here says why.")


def _by_state(stored: StoredInvoice, fields: tuple[str, ...] = ()) -> PairCause:
    cause = _BY_STATE.get(stored.state) if stored.state is not None else None
    if cause is None:
        return _unknown(f"Its state is {stored.state}, but only one side shows it.")
    # What is stored of a lost answer is how it was lost, which tells nobody what to do.
    return _says(cause, "" if cause is Cause.UNCERTAIN else stored.note, fields)


def _of_settled(pair: Pair, policy: TenantPolicy, settings: OrganisationSettings) -> PairCause:
    """The queue calls it settled, and yet both sides add up to different things."""
    apart = _apart(pair)
    found = _compared(pair, policy)
    fields = _fields(found)
    if found.moves.xero:
        text = "Changed in Xero since both sides were last compared; it is looked at by itself."
        return PairCause(cause=Cause.EDITED_IN_XERO, text=text, fields=fields)
    if apart == {Dimension.STATUS} and _is_further_on(pair):
        text = "Approved in Xero, where it is further on than in Pipeline; that is no edit."
        return PairCause(cause=Cause.APPROVED_IN_XERO, text=text)
    if _is_rounding(pair, policy, settings):
        text = "The totals part by rounding alone, within what is tolerated."
        return PairCause(cause=Cause.ROUNDING, text=text)
    if pair.stored.base is not None and not found.moves.pipeline:
        return _of_agreed(pair.stored.invoice, found, apart, fields)
    return _unknown("Both sides differ, and nothing here says why.", fields)


def _of_agreed(
    invoice: Invoice | None,
    found: Comparison,
    apart: frozenset[Dimension],
    fields: tuple[str, ...],
) -> PairCause:
    """Neither side has moved since both were agreed on: a decision or today's mapping may say why.

    Only what is on record as kept was decided; that both halves are apart proves nothing.
    """
    apart_now = [each for each in found.diffs if not (each.same or _is_tie(each, invoice))]
    undecided = [each for each in apart_now if not each.kept]
    if apart_now and not undecided:
        text = "Both sides were accepted as they stand: by a person, or by the policy xero_edits."
        return PairCause(cause=Cause.KEPT, text=text, fields=fields)
    if undecided and apart <= BY_LINES and all(_is_mapped(each, found) for each in undecided):
        text = "Booked under another account or tax type than the mapping says today."
        return PairCause(cause=Cause.MAPPING_CHANGED, text=text, fields=fields)
    return _unknown("Both sides differ, and nothing here says why.", fields)


def _is_tie(diff: FieldDiff, invoice: Invoice | None) -> bool:
    """A total no further apart than ties rounded otherwise make it."""
    if diff.field not in _TOTALS or invoice is None or diff.pipeline is None or diff.xero is None:
        return False
    return abs(Decimal(diff.pipeline) - Decimal(diff.xero)) <= CENT * len(invoice.lines)


def _is_mapped(diff: FieldDiff, found: Comparison) -> bool:
    """A code of a line that Pipeline leaves to the mapping."""
    line = None if diff.line_index is None else found.lines[diff.line_index].pipeline
    if line is None or diff.field not in remapping.CODES:
        return False
    word = getattr(line, diff.field)
    return word is None or word.startswith((COST_CODE, RATE))


def _is_further_on(pair: Pair) -> bool:
    live, expected = pair.live, pair.translation
    if live is None or expected is None or live.status.is_gone:
        return False
    return rank_in_xero(live.status) > rank_in_xero(expected.status)


def _apart(pair: Pair) -> frozenset[Dimension]:
    """The dimensions in which the sides differ; the currency's stands for the totals."""
    pipeline, xero = (
        {(part.dimension, part.key): part.amounts for part in side.parts} if side else {}
        for side in (pair.pipeline, pair.xero)
    )
    places = [*pipeline, *(place for place in xero if place not in pipeline)]
    return frozenset(place[0] for place in places if pipeline.get(place) != xero.get(place))


def _is_rounding(pair: Pair, policy: TenantPolicy, settings: OrganisationSettings) -> bool:
    """Header and lines part by no more than rounding explains, in the same groups."""
    pipeline, xero, invoice = pair.pipeline, pair.xero, pair.stored.invoice
    if pipeline is None or xero is None or invoice is None or pair.translation is None:
        return False
    here = {(part.dimension, part.key): part.amounts for part in pipeline.parts}
    there = {(part.dimension, part.key): part.amounts for part in xero.parts}
    header = pipeline.amounts - xero.amounts
    within = policy.totals_tolerance
    if not _within(header, within):
        types = [settings.tax_rates.get(each.tax_type or "") for each in pair.translation.lines]
        rates = [Decimal(0) if each is None else each.rate for each in types]
        if not isinstance(rounding.totals_agree(invoice, rates, within), OnlyTies):
            return False
        within = max(within, CENT * len(invoice.lines))
    most = max(within, CENT * len(invoice.lines))
    return all(
        _within(here.get(place, NOTHING) - there.get(place, NOTHING), most)
        for place in [*here, *there]
    )


def _within(apart: Amounts, most: Decimal) -> bool:
    return max(abs(apart.nett), abs(apart.tax), abs(apart.total)) <= most


def _compared(pair: Pair, policy: TenantPolicy) -> Comparison:
    return compare_documents(
        base=pair.stored.base,
        invoice=pair.stored.invoice,
        live=pair.live,
        translation=pair.translation,
        tolerance=policy.totals_tolerance,
        aliases=pair.aliases,
    )


def _fields(found: Comparison) -> tuple[str, ...]:
    return tuple(each.field for each in differences(found))


def _says(cause: Cause, note: str, fields: tuple[str, ...] = ()) -> PairCause:
    return PairCause(cause=cause, text=note or _TEXTS[cause], fields=fields)


def _unknown(text: str, fields: tuple[str, ...] = ()) -> PairCause:
    return PairCause(cause=None, text=text, fields=fields)
