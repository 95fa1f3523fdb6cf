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
from syncd.domain.rules.compare.ownership_mark import Owner, ownership_of
from syncd.domain.rules.decide import bases, policy, remapping
from syncd.domain.rules.decide.remapping import Remapped
from syncd.domain.rules.decide.situation import live_side
from syncd.engine.core import unreadable_rows
from syncd.engine.invoices import decide, decision_input
from syncd.engine.invoices.loaded_invoice import RemoteRead
from syncd.engine.plans.items import (
    OUT_OF_SYNC,
    CandidateDocument,
    EvaluatedInvoice,
    PlanInput,
    held,
    item_of,
    of_decision,
)

_UNCERTAIN = "A write has no certain outcome yet; it is being looked for."
UNAGREED = Base(pipeline=None, xero=None)
"""Of a document that was linked though it differs: neither side has ever been agreed on."""


def evaluate(given: PlanInput) -> EvaluatedInvoice | None:
    """The invoice's item; None where a plan of this scope says nothing of it."""
    loaded = given.loaded
    if given.problem:
        return EvaluatedInvoice(item=held(given, unreadable_rows.in_words(given.problem)))
    if given.scope.remap:
        return _remapped(given)
    if loaded.link is not None:
        return _decided(given, given.live)
    return _unlinked(given)


def _unlinked(given: PlanInput) -> EvaluatedInvoice:
    loaded, choices = given.loaded, given.round_settings.policy
    if loaded.open_intent is not None:
        return EvaluatedInvoice(item=held(given, _UNCERTAIN))
    marked = [one for one in given.named if _owner(one, given) is Owner.OURS]
    if marked:
        return _decided(given, marked[0].live)
    wanted = loaded.desired
    if wanted is None or wanted.is_withdrawn:
        why = "Deleted in Pipeline before anything of it stood in Xero."
        return EvaluatedInvoice(item=item_of(given, PlanAction.LEAVE, why))
    if wanted.content is None:
        return _decided(given, None)
    if not policy.in_scope(wanted.content, choices, linked=False):
        why = f"Dated before the start date, {choices.start_on}."
        return EvaluatedInvoice(item=item_of(given, PlanAction.LEAVE, why))
    return _by_number(given)


def _by_number(given: PlanInput) -> EvaluatedInvoice:
    """No trace of ours in Xero: what stands there under its number decides."""
    living = [one for one in given.named if not one.live.status.is_gone]
    free = [one for one in living if _is_free(one, given)]
    if len(free) > 1 or (free and given.duplicates):
        several = (
            "Several documents in Xero bear" if len(free) > 1 else "Two invoices in Pipeline bear"
        )
        why = f"{several} this number. Change a number, or void what is a copy, and plan again."
        ids = tuple(one.live.id for one in free)
        return EvaluatedInvoice(item=item_of(given, PlanAction.AMBIGUOUS, why, candidates=ids))
    if free:
        return _adopted(given, free[0].live)
    if given.named:
        return EvaluatedInvoice(item=_taken(given))
    first = min(given.duplicates, default=given.loaded.id)
    if first < given.loaded.id:
        why = (
            f"Pipeline's invoice {first} has the same number and comes first. Change one of "
            "the two numbers."
        )
        return EvaluatedInvoice(item=held(given, why, reason=Reason.NUMBER_TAKEN))
    return _decided(given, None)


def _taken(given: PlanInput) -> PlanItem:
    """Its number is held by what can be no document of its."""
    holder = given.named[0]
    if holder.owner is not None:
        whom = f"the document of Pipeline's invoice {holder.owner}"
    elif holder.live.status.is_gone:
        whom = f"a document that is {holder.live.status.value}"
    else:
        whom = "a document that syncd made for another invoice"
    why = f"Its number is held in Xero by {whom}. Change the number of one of them."
    ids = tuple(one.live.id for one in given.named)
    return item_of(given, PlanAction.HOLD, why, reason=Reason.NUMBER_TAKEN, candidates=ids)


def _adopted(given: PlanInput, live: LiveInvoice) -> EvaluatedInvoice:
    """A stranger of this number: the same document, one that differs, or another."""
    unknown = replace(given.loaded, earlier=())
    case = decision_input.compared(
        decision_input.case_of(unknown, _remote(live), given.round_settings)
    )
    assert case.compared is not None, "a found document is compared"
    assert case.pipeline is not None, "an invoice with content"
    assert case.xero is not None, "a found document is shown"
    action, why = plan_file.adoption(case.compared)
    shown = tuple(
        PlanField(field=each.name, before=each.xero, after=each.pipeline)
        for each in case.compared.diffs
        if not each.same
    )
    if action is PlanAction.AMBIGUOUS:
        item = item_of(given, action, why, fields=shown, candidates=(live.id,))
        return EvaluatedInvoice(item=item)
    base = UNAGREED
    if action is PlanAction.ADOPT:
        base = bases.base_as_both_show(None, case.pipeline, case.xero, case.compared)
    return EvaluatedInvoice(
        item=item_of(given, action, why, live, fields=shown), base=base, live=live
    )


def _decided(given: PlanInput, live: LiveInvoice | None) -> EvaluatedInvoice:
    """What the worker would decide. A base it would adopt is stored with the link."""
    loaded = given.loaded
    if loaded.open_intent is not None:
        return EvaluatedInvoice(item=held(given, _UNCERTAIN, live))
    found = decide.decide(loaded, _remote(live), given.round_settings)
    item = of_decision(given, found)
    if item.acts and given.refused is not None and not given.scope.retry_failed:
        why = f"Xero refused it: {given.refused} Change it in Pipeline, or retry it."
        return EvaluatedInvoice(item=held(given, why, live, reason=Reason.REFUSED))
    if loaded.link is None and found.base is not None and live is not None:
        if item.action is PlanAction.LEAVE:
            why = "It stands in Xero with our mark: an earlier answer was lost."
            item = replace(item, action=PlanAction.ADOPT, why=why)
        return EvaluatedInvoice(item=item, base=found.base, live=live)
    return EvaluatedInvoice(item=item)


def _remapped(given: PlanInput) -> EvaluatedInvoice | None:
    """The item of an invoice whose lines would be coded differently now; None of any other."""
    loaded, live = given.loaded, given.live
    if loaded.link is None or loaded.base is None or live is None or live.status.is_gone:
        return None
    case = decision_input.case_of(loaded, _remote(live), given.round_settings)
    if case.pipeline is None or case.expected is None or case.xero is None:
        return None
    found = remapping.remapped(loaded.base, case.pipeline, case.xero, case.expected)
    return None if found is None else _recoded(given, found, live)


def _recoded(given: PlanInput, found: Remapped, live: LiveInvoice) -> EvaluatedInvoice:
    """Decided as if the mapping's change were an edit of Pipeline's."""
    loaded = given.loaded
    assert loaded.link is not None, "what is recoded is linked"
    if not found.fields:
        why = "Its line was coded otherwise in Xero since both agreed. Resolve it first."
        item = held(given, why, live, fields=found.recoded, reason=OUT_OF_SYNC)
        return EvaluatedInvoice(item=replace(item, remap=True))
    link = replace(loaded.link, base=found.base)
    under = replace(
        given,
        loaded=replace(loaded, link=link, earlier=()),
        scope=PlanScope(retry_failed=True),
    )
    item = replace(_decided(under, live).item, remap=True)
    if not item.acts:
        return EvaluatedInvoice(item=replace(item, fields=item.fields or found.fields))
    item = replace(item, why="The mapping has changed; " + item.why.lower())
    return EvaluatedInvoice(item=item, base=found.base, live=live)


def _remote(live: LiveInvoice | None) -> RemoteRead:
    return RemoteRead(side=live_side(live), live=live)


def _owner(one: CandidateDocument, given: PlanInput) -> Owner:
    installation = given.round_settings.installation
    return ownership_of(one.live.url, given.loaded.id, installation).owner


def _is_free(one: CandidateDocument, given: PlanInput) -> bool:
    """Nobody's: neither linked nor made by us."""
    return one.owner is None and _owner(one, given) is Owner.FOREIGN
