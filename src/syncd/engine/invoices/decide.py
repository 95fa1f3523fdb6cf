"""Decides one invoice: from its decision input to one write, or to how its job is settled.

Pure. Called by `invoices.batch` with what was read just before; classifies, filters by policy,
objects before a call is spent, plans.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.domain.ids import XeroInvoiceId
from syncd.domain.model.intent_body import InvoiceIntentBody, TieSlack
from syncd.domain.model.invoice import InvoiceWrite, LiveInvoice, StepKind
from syncd.domain.model.job import Reason
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.snapshot import Base
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import comparison, write_confirmation
from syncd.domain.rules.compare.ownership_mark import FOREIGN, ownership_of
from syncd.domain.rules.decide import (
    after_restore,
    bases,
    policy,
    preflight,
    threeway,
    write_builder,
)
from syncd.domain.rules.decide.situation import DesiredState, Situation, Verdict, VerdictKind
from syncd.domain.rules.queue.outcome import (
    Deferred,
    Held,
    NothingToDo,
    Outcome,
    OutOfSync,
    Transient,
)
from syncd.engine.core import reread, unreadable_rows
from syncd.engine.invoices import decision_input
from syncd.engine.invoices.decision_input import DecisionInput, RoundSettings
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import LoadedInvoice, RemoteRead
from syncd.store.intents import IntentEnd

WRITES = (VerdictKind.CREATE, VerdictKind.UPDATE, VerdictKind.MIRROR)
"""What carries Pipeline's content, so that preflight has its say."""


class Chosen(Value, frozen=True, kw_only=True):
    """One write, and all that must be stored before it leaves. `base` as in `InvoiceEnd`."""

    loaded: LoadedInvoice
    write: InvoiceWrite
    body: InvoiceIntentBody
    live: LiveInvoice | None = None
    read_at: datetime | None = None
    base: Base | None = None

    @property
    def step(self) -> StepKind:
        """What it does in Xero."""
        return self.write.step

    @property
    def xero_id(self) -> XeroInvoiceId | None:
        """The document it changes; None for a create."""
        return self.write.xero_id


Decision = InvoiceEnd | Chosen


def decide(loaded: LoadedInvoice, remote: RemoteRead, round_settings: RoundSettings) -> Decision:
    """What follows for one invoice, from a look no older than the round."""
    wanted = loaded.desired
    if wanted is None:
        return InvoiceEnd(loaded=loaded, outcome=NothingToDo())
    if remote.problem:
        return InvoiceEnd(
            loaded=loaded, outcome=Transient(why=unreadable_rows.in_words(remote.problem))
        )
    if wanted.problem is not None:
        return InvoiceEnd(loaded=loaded, outcome=reread.put_off(wanted.problem, kind="invoice"))
    return conclude(*examine(loaded, remote, round_settings))


def examine(
    loaded: LoadedInvoice, remote: RemoteRead, round_settings: RoundSettings
) -> tuple[DecisionInput, Verdict]:
    """The case and the row it falls into, before policy. Pipeline's side is known and readable."""
    case = decision_input.with_late_write(decision_input.case_of(loaded, remote, round_settings))
    case = decision_input.compared(case)
    verdict = threeway.classify(_situation(case))
    if verdict.kind is VerdictKind.ADOPT:
        case = decision_input.compared(
            replace(case, base=decision_input.adopted_base(case), adopted=True)
        )
        verdict = threeway.classify(_situation(case))
    if case.compared is not None and case.compared.moves.only_unsent:
        return case, verdict  # a mark that only ever goes up: nothing of Xero's is written over
    if _is_doubtful(case):
        verdict = after_restore.withheld(verdict, after_restore.RESTORED)
    elif verdict.kind is not VerdictKind.XERO_MOVED and _may_be_taken_back(case):
        verdict = after_restore.withheld(verdict, after_restore.UNANSWERED)
    return case, verdict


def conclude(case: DecisionInput, verdict: Verdict) -> Decision:
    """What follows from an examined case under the tenant's policy."""
    choices, withheld_by = case.round_settings.policy, case.loaded.job.withheld_by
    if case.loaded.link is None:
        verdict = policy.left_alone(verdict, case.invoice, choices)
    return _act(case, policy.admit(verdict, choices, withheld_by))


def believes_it_gone(decided: Decision) -> bool:
    """Whether it follows from nothing but an answer without the document that it is gone."""
    if isinstance(decided, Chosen) or decided.loaded.job.held_for is Reason.GONE_IN_XERO:
        return False
    is_gone = isinstance(decided.outcome, Held) and decided.outcome.reason is Reason.GONE_IN_XERO
    is_over = decided.is_voided and not decided.text  # what is decided says so
    return is_gone or is_over


def _situation(case: DecisionInput) -> Situation:
    live = case.live
    mark = FOREIGN
    if live is not None:
        mark = ownership_of(live.url, case.loaded.id, case.round_settings.installation)
    return Situation(
        desired=DesiredState.WITHDRAWN if case.invoice is None else DesiredState.PRESENT,
        live=case.remote.side,
        has_base=case.base is not None,
        earlier_intent=any(intent.step is StepKind.CREATE for intent in case.loaded.earlier),
        is_left=case.base is not None and case.base.left == case.loaded.version,
        restore_outstanding=_is_look_outstanding(case.loaded),
        mark=mark,
        moves=None if case.compared is None else case.compared.moves,
        missing=() if case.translation is None else case.translation.missing,
    )


def _is_look_outstanding(loaded: LoadedInvoice) -> bool:
    """A restored store knows too little to say that nothing is there.

    Neither does a read that lacks a document which the look has seen: a link without a base.
    """
    return loaded.look_outstanding or (loaded.link is not None and loaded.base is None)


def _is_doubtful(case: DecisionInput) -> bool:
    """The base is from a backup, and Xero has touched the document since it knew it."""
    if case.live is None:
        return False
    return after_restore.is_doubtful(case.loaded.unverified_from, case.live.updated_at)


def _may_be_taken_back(case: DecisionInput) -> bool:
    """An update of unknown outcome was given up, and Xero has touched the document since.

    It shows what it showed before: ours never landed and the touch was a payment's, say; or ours
    landed, and a bookkeeper took it back. A withdrawal nobody can take back.
    """
    if case.live is None or case.adopted:
        return False
    return any(
        one.end is IntentEnd.ABANDONED
        and one.step is StepKind.UPDATE
        and isinstance(one.body, InvoiceIntentBody)
        and one.body.was_changed_since(case.live.updated_at)
        for one in case.loaded.earlier
    )


def _act(case: DecisionInput, verdict: Verdict) -> Decision:
    """From a verdict to a write or a settlement."""
    kind = verdict.kind
    if kind in (VerdictKind.READ_XERO, VerdictKind.READ_PIPELINE, VerdictKind.PROBE):
        return _settled(case, _until_read(case, verdict))
    if kind in (VerdictKind.VOIDED, VerdictKind.LEFT):
        text = verdict.text if verdict.row == threeway.AT_REST else ""
        is_voided = kind is VerdictKind.VOIDED
        return replace(_settled(case, NothingToDo()), is_voided=is_voided, text=text)
    if kind in (VerdictKind.IN_SYNC, VerdictKind.CONVERGED, VerdictKind.ACCEPT):
        return _in_sync(case, kind)
    if kind in (VerdictKind.OUT_OF_SYNC, VerdictKind.HOLD):
        return _held(case, verdict)
    checked = _checked(case) if kind in WRITES else preflight.Checked()
    if objections := checked.objections:
        held = Held(reason=objections[0].reason, text=preflight.in_words(objections))
        return replace(_settled(case, held), objections=objections)
    return _planned(case, verdict, checked.ties)


def _in_sync(case: DecisionInput, kind: VerdictKind) -> InvoiceEnd:
    """Both sides agree, or agree to be as decided: differences that are kept stay listed."""
    base = _agreed_base(case, kind)
    agreed = base or case.base
    kept = () if agreed is None else kept_differences(case, agreed)
    taken = differences_of(case) if kind is VerdictKind.ACCEPT else ()
    return replace(
        _settled(case, NothingToDo()),
        base=base,
        in_sync=True,
        differences=kept,
        accepted=tuple(each.field for each in taken if each.moved_by is MovedBy.XERO),
    )


def kept_differences(case: DecisionInput, agreed: Base) -> tuple[Difference, ...]:
    """What still differs under this agreement, because it was decided so."""
    return (
        differences_of(decision_input.compared(replace(case, base=agreed))) if agreed.kept else ()
    )


def _until_read(case: DecisionInput, verdict: Verdict) -> Outcome:
    """Nothing is decided on a side nobody has seen."""
    if verdict.kind is VerdictKind.READ_XERO and _is_look_outstanding(case.loaded):
        return Deferred(retry_after_s=after_restore.LOOK_DELAY_S, why=after_restore.LOOK_FIRST)
    return Transient(why=verdict.text)


def _agreed_base(case: DecisionInput, kind: VerdictKind) -> Base | None:
    """In sync: an approval in Xero, or a merge of contacts, moves its half. Else: as both stand."""
    if kind is VerdictKind.IN_SYNC:
        if case.compared is None or not case.compared.approved:
            return _merged_base(case) or case.moved_base
        assert case.base is not None, "what is in sync has a base"
        assert case.xero is not None, "an approval was seen"
        return bases.base_after_approval(case.base, case.xero)
    assert case.pipeline is not None, "a withdrawn invoice has nothing to converge"
    assert case.xero is not None, "agreement needs a document"
    assert case.compared is not None, "agreement needs a comparison"
    return bases.base_as_both_show(case.base, case.pipeline, case.xero, case.compared)


def _merged_base(case: DecisionInput) -> Base | None:
    if case.base is None or case.xero is None:
        return None
    return bases.base_after_merge(case.base, case.xero, case.loaded.aliases)


def _held(case: DecisionInput, verdict: Verdict) -> InvoiceEnd:
    """Wait for a reason to go away, or for both sides to agree."""
    if verdict.kind is VerdictKind.HOLD:
        assert verdict.reason is not None, f"a hold has a reason: {verdict}"
        missing = () if case.translation is None else case.translation.missing
        return replace(
            _settled(case, Held(reason=verdict.reason, text=verdict.text)),
            objections=tuple(each for each in missing if each.reason is verdict.reason),
        )
    return InvoiceEnd(
        loaded=case.loaded,
        outcome=OutOfSync(text=verdict.text, reason=verdict.reason),
        live=case.live,
        base=case.moved_base,
        differences=differences_of(case),
    )


def _settled(case: DecisionInput, outcome: Outcome) -> InvoiceEnd:
    """What waits shows what differs, for people to decide by."""
    return InvoiceEnd(
        loaded=case.loaded,
        outcome=outcome,
        live=case.live,
        base=case.moved_base,
        differences=differences_of(case) if isinstance(outcome, Held) else (),
    )


def differences_of(case: DecisionInput) -> tuple[Difference, ...]:
    """What differs between the two sides, as far as both were seen."""
    return () if case.compared is None else comparison.differences(case.compared)


def _checked(case: DecisionInput) -> preflight.Checked:
    assert case.invoice is not None, "a write carries Pipeline's content"
    assert case.translation is not None, "a write is translated"
    return preflight.check(
        case.invoice,
        case.translation,
        case.loaded.contact_status,
        case.round_settings.settings,
        case.round_settings.policy,
        trouble=case.loaded.trouble,
    )


def _planned(case: DecisionInput, verdict: Verdict, ties: TieSlack) -> Decision:
    write = write_builder.step_for(
        verdict,
        pipeline_id=case.loaded.id,
        desired=case.invoice,
        live=case.live,
        comparison=case.compared,
        translation=case.translation,
        policy=case.round_settings.policy,
        installation=case.round_settings.installation,
    )
    if write is None:
        # Pipeline's follow from its lines, or preflight would have objected.
        text = (
            "Only the totals differ: Xero's were adjusted there, which no app can undo. Take the "
            "adjustment away in Xero, or resolve it by taking Xero's side."
        )
        return _held(case, Verdict(row=verdict.row, kind=VerdictKind.OUT_OF_SYNC, text=text))
    if case.live is not None and write_confirmation.forbidden_by_money(case.live, write):
        text = (
            "Money stands on it in Xero, which forbids this change. Remove the payment or credit "
            "in Xero, or undo the change in Pipeline."
        )
        return _settled(case, Held(reason=Reason.HAS_PAYMENTS, text=text))
    body = InvoiceIntentBody(
        desired=case.pipeline,
        expected=case.expected,
        write=write,
        base_xero=case.xero,
        changed_at=None if case.live is None else case.live.updated_at,
        ties=ties,
    )
    return Chosen(
        loaded=case.loaded,
        write=write,
        body=body,
        live=case.live,
        read_at=case.remote.read_at,
        base=case.moved_base,
    )
