"""What a plan says of one invoice: what the worker would do once the tenant writes, and adoption.

Pure. Called by `planning` with what whole lists showed, and by `applying` with what was read just
before. The worker's own decision (`decision`) is asked wherever it would be; only documents that
nobody has linked are judged here, for the worker never touches a stranger's.
"""

from __future__ import annotations

from dataclasses import replace

from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import Reason
from syncd.domain.model.planned import PlanAction, PlanField, PlanItem, PlanScope
from syncd.domain.model.snapshot import Base
from syncd.domain.rules import plan_file
from syncd.domain.rules.compare import comparison
from syncd.domain.rules.compare.ownership_mark import Owner, ownership_of
from syncd.domain.rules.decide import bases, policy, remapping
from syncd.domain.rules.decide.remapping import Remapped
from syncd.domain.rules.decide.situation import LiveState, live_side
from syncd.engine.core import unreadable_rows
from syncd.engine.invoices import decide, decision_input
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.invoices.loaded_invoice import RemoteRead
from syncd.engine.plans.items import (
    OUT_OF_SYNC,
    CandidateDocument,
    EvaluatedInvoice,
    PlanInput,
    item_of,
    of_decision,
)

UNAGREED = Base(pipeline=None, xero=None)
"""Of a document that was linked though it differs: neither side has ever been agreed on."""


def evaluate(
    given: PlanInput, round_settings: RoundSettings, scope: PlanScope
) -> EvaluatedInvoice | None:
    """The invoice's item; None where a plan of this scope says nothing of it.

    `world` has the tenant's policy as if it were live already.
    """
    loaded = given.loaded
    if given.problem:
        why = unreadable_rows.in_words(given.problem)
        return EvaluatedInvoice(item=item_of(given, round_settings, PlanAction.HOLD, why, None))
    if scope.remap:
        return _remapped(given, round_settings)
    if loaded.link is not None:
        remote = RemoteRead(side=live_side(given.live), live=given.live)
        return _decided(given, remote, round_settings, scope)
    return _unlinked(given, round_settings, scope)


def _unlinked(
    given: PlanInput, round_settings: RoundSettings, scope: PlanScope
) -> EvaluatedInvoice:
    loaded = given.loaded
    if loaded.open_intent is not None:
        why = "A write has no certain outcome yet; it is being looked for."
        return EvaluatedInvoice(item=item_of(given, round_settings, PlanAction.HOLD, why, None))
    marked = [one for one in given.named if _owner(one, given, round_settings) is Owner.OURS]
    if marked:
        live = marked[0].live
        return _decided(given, RemoteRead(side=live_side(live), live=live), round_settings, scope)
    wanted = loaded.desired
    if wanted is None or wanted.is_withdrawn:
        why = "Deleted in Pipeline before anything of it stood in Xero."
        return EvaluatedInvoice(item=item_of(given, round_settings, PlanAction.LEAVE, why, None))
    if wanted.content is None:
        return _decided(given, RemoteRead(side=LiveState.ABSENT), round_settings, scope)
    if not policy.in_scope(wanted.content, round_settings.policy, linked=False):
        why = f"Dated before the start date, {round_settings.policy.start_on}."
        return EvaluatedInvoice(item=item_of(given, round_settings, PlanAction.LEAVE, why, None))
    return _by_number(given, round_settings, scope)


def _by_number(
    given: PlanInput, round_settings: RoundSettings, scope: PlanScope
) -> EvaluatedInvoice:
    """No trace of ours in Xero: what stands there under its number decides."""
    living = [one for one in given.named if not one.live.status.is_gone]
    free = [one for one in living if _is_free(one, given, round_settings)]
    if len(free) > 1 or (free and given.duplicates):
        several = (
            "Several documents in Xero bear" if len(free) > 1 else "Two invoices in Pipeline bear"
        )
        item = item_of(
            given,
            round_settings,
            PlanAction.AMBIGUOUS,
            f"{several} bear this number. Change a number, or void what is a copy, and plan again.",
            None,
            candidates=tuple(one.live.id for one in free),
        )
        return EvaluatedInvoice(item=item)
    if free:
        return _adopted(given, free[0].live, round_settings)
    if given.named:
        return EvaluatedInvoice(item=_taken(given, round_settings))
    first = min(given.duplicates, default=given.loaded.id)
    if first < given.loaded.id:
        why = (
            f"Pipeline's invoice {first} has the same number and comes first. Change one of "
            "the two numbers."
        )
        item = item_of(
            given, round_settings, PlanAction.HOLD, why, None, reason=Reason.NUMBER_TAKEN
        )
        return EvaluatedInvoice(item=item)
    return _decided(given, RemoteRead(side=LiveState.ABSENT), round_settings, scope)


def _taken(given: PlanInput, round_settings: RoundSettings) -> PlanItem:
    """Its number is held by what can be no document of its."""
    holder = given.named[0]
    if holder.owner is not None:
        whom = f"the document of Pipeline's invoice {holder.owner}"
    elif holder.live.status.is_gone:
        whom = f"a document that is {holder.live.status.value}"
    else:
        whom = "a document that syncd made for another invoice"
    return item_of(
        given,
        round_settings,
        PlanAction.HOLD,
        f"Its number is held in Xero by {whom}. Change the number of one of them.",
        None,
        reason=Reason.NUMBER_TAKEN,
        candidates=tuple(one.live.id for one in given.named),
    )


def _adopted(
    given: PlanInput, live: LiveInvoice, round_settings: RoundSettings
) -> EvaluatedInvoice:
    """A stranger of this number: the same document, one that differs, or another."""
    remote = RemoteRead(side=live_side(live), live=live)
    case = decision_input.compared(
        decision_input.case_of(replace(given.loaded, earlier=()), remote, round_settings)
    )
    assert case.compared is not None, "a found document is compared"
    assert case.pipeline is not None, "an invoice with content"
    assert case.xero is not None, "a found document is shown"
    action, why = plan_file.adoption(case.compared)
    shown = tuple(
        PlanField(field=each.field, before=each.xero, after=each.pipeline)
        for each in comparison.differences(case.compared)
    )
    if action is PlanAction.AMBIGUOUS:
        item = item_of(
            given, round_settings, action, why, None, fields=shown, candidates=(live.id,)
        )
        return EvaluatedInvoice(item=item)
    base = UNAGREED
    if action is PlanAction.ADOPT:
        base = bases.base_as_both_show(None, case.pipeline, case.xero, case.compared)
    return EvaluatedInvoice(
        item=item_of(given, round_settings, action, why, live, fields=shown), base=base, live=live
    )


def _decided(
    given: PlanInput, remote: RemoteRead, round_settings: RoundSettings, scope: PlanScope
) -> EvaluatedInvoice:
    """What the worker would decide. A base it would adopt is stored with the link."""
    loaded = given.loaded
    if loaded.open_intent is not None:
        why = "A write has no certain outcome yet; it is being looked for."
        return EvaluatedInvoice(
            item=item_of(given, round_settings, PlanAction.HOLD, why, remote.live)
        )
    found = decide.decide(loaded, remote, round_settings)
    item = of_decision(given, found, round_settings)
    if item.acts and given.refused is not None and not scope.retry_failed:
        item = item_of(
            given,
            round_settings,
            PlanAction.HOLD,
            f"Xero refused it: {given.refused} Change it in Pipeline, or retry it.",
            remote.live,
            reason=Reason.REFUSED,
        )
        return EvaluatedInvoice(item=item)
    if loaded.link is None and found.base is not None and remote.live is not None:
        if item.action is PlanAction.LEAVE:
            why = "It stands in Xero with our mark: an earlier answer was lost."
            item = replace(item, action=PlanAction.ADOPT, why=why)
        return EvaluatedInvoice(item=item, base=found.base, live=remote.live)
    return EvaluatedInvoice(item=item)


def _remapped(given: PlanInput, round_settings: RoundSettings) -> EvaluatedInvoice | None:
    """The item of an invoice whose lines would be coded differently now; None of any other."""
    loaded, live = given.loaded, given.live
    if loaded.link is None or loaded.base is None or live is None or live.status.is_gone:
        return None
    remote = RemoteRead(side=live_side(live), live=live)
    case = decision_input.case_of(loaded, remote, round_settings)
    if case.pipeline is None or case.expected is None or case.xero is None:
        return None
    found = remapping.remapped(loaded.base, case.pipeline, case.xero, case.expected)
    if found is None:
        return None
    return _recoded(given, found, remote, round_settings)


def _recoded(
    given: PlanInput, found: Remapped, remote: RemoteRead, round_settings: RoundSettings
) -> EvaluatedInvoice:
    """Decided as if the mapping's change were an edit of Pipeline's."""
    loaded = given.loaded
    assert loaded.link is not None, "what is recoded is linked"
    link = replace(loaded.link, base=found.base)
    under = replace(given, loaded=replace(loaded, link=link, earlier=()))
    if not found.fields:
        item = item_of(
            given,
            round_settings,
            PlanAction.HOLD,
            "Its line was coded otherwise in Xero since both agreed. Resolve it first.",
            remote.live,
            fields=found.recoded,
            reason=OUT_OF_SYNC,
        )
        return EvaluatedInvoice(item=replace(item, remap=True))
    evaluated = _decided(under, remote, round_settings, PlanScope(retry_failed=True))
    item = replace(evaluated.item, remap=True)
    if not item.acts:
        return EvaluatedInvoice(item=replace(item, fields=item.fields or found.fields))
    item = replace(item, why="The mapping has changed; " + item.why.lower())
    return EvaluatedInvoice(item=item, base=found.base, live=remote.live)


def _owner(one: CandidateDocument, given: PlanInput, round_settings: RoundSettings) -> Owner:
    return ownership_of(one.live.url, given.loaded.id, round_settings.installation).owner


def _is_free(one: CandidateDocument, given: PlanInput, round_settings: RoundSettings) -> bool:
    """Nobody's: neither linked nor made by us."""
    return one.owner is None and _owner(one, given, round_settings) is Owner.FOREIGN
