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
from syncd.engine.invoices import decide as invoice_decide
from syncd.engine.invoices import decision_input
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.invoices.loaded_invoice import RemoteRead
from syncd.engine.plans.items import OUT_OF_SYNC, Judged, Named, Sides, item_of, of_decision

UNAGREED = Base(pipeline=None, xero=None)
"""Of a document that was linked though it differs: neither side has ever been agreed on."""


def judge(sides: Sides, round_settings: RoundSettings, scope: PlanScope) -> Judged | None:
    """The invoice's item; None where a plan of this scope says nothing of it.

    `world` has the tenant's policy as if it were live already.
    """
    loaded = sides.loaded
    if sides.problem:
        why = unreadable_rows.in_words(sides.problem)
        return Judged(item=item_of(sides, round_settings, PlanAction.HOLD, why, None))
    if scope.remap:
        return _remapped(sides, round_settings)
    if loaded.link is not None:
        remote = RemoteRead(side=live_side(sides.live), live=sides.live)
        return _decided(sides, remote, round_settings, scope)
    return _unlinked(sides, round_settings, scope)


def _unlinked(sides: Sides, round_settings: RoundSettings, scope: PlanScope) -> Judged:
    loaded = sides.loaded
    if loaded.open_intent is not None:
        why = "A write has no certain outcome yet; it is being looked for."
        return Judged(item=item_of(sides, round_settings, PlanAction.HOLD, why, None))
    marked = [one for one in sides.named if _owner(one, sides, round_settings) is Owner.OURS]
    if marked:
        live = marked[0].live
        return _decided(sides, RemoteRead(side=live_side(live), live=live), round_settings, scope)
    wanted = loaded.desired
    if wanted is None or wanted.is_withdrawn:
        why = "Deleted in Pipeline before anything of it stood in Xero."
        return Judged(item=item_of(sides, round_settings, PlanAction.LEAVE, why, None))
    if wanted.content is None:
        return _decided(sides, RemoteRead(side=LiveState.ABSENT), round_settings, scope)
    if not policy.in_scope(wanted.content, round_settings.policy, linked=False):
        why = f"Dated before the start date, {round_settings.policy.start_on}."
        return Judged(item=item_of(sides, round_settings, PlanAction.LEAVE, why, None))
    return _by_number(sides, round_settings, scope)


def _by_number(sides: Sides, round_settings: RoundSettings, scope: PlanScope) -> Judged:
    """No trace of ours in Xero: what stands there under its number decides."""
    living = [one for one in sides.named if not one.live.status.is_gone]
    free = [one for one in living if _is_free(one, sides, round_settings)]
    if len(free) > 1 or (free and sides.twins):
        several = (
            "Several documents in Xero bear" if len(free) > 1 else "Two invoices in Pipeline bear"
        )
        item = item_of(
            sides,
            round_settings,
            PlanAction.AMBIGUOUS,
            f"{several} bear this number. Change a number, or void what is a copy, and plan again.",
            None,
            candidates=tuple(one.live.id for one in free),
        )
        return Judged(item=item)
    if free:
        return _adopted(sides, free[0].live, round_settings)
    if sides.named:
        return Judged(item=_taken(sides, round_settings))
    first = min(sides.twins, default=sides.loaded.id)
    if first < sides.loaded.id:
        why = (
            f"Pipeline's invoice {first} has the same number and comes first. Change one of "
            "the two numbers."
        )
        item = item_of(
            sides, round_settings, PlanAction.HOLD, why, None, reason=Reason.NUMBER_TAKEN
        )
        return Judged(item=item)
    return _decided(sides, RemoteRead(side=LiveState.ABSENT), round_settings, scope)


def _taken(sides: Sides, round_settings: RoundSettings) -> PlanItem:
    """Its number is held by what can be no document of its."""
    holder = sides.named[0]
    if holder.owner is not None:
        whom = f"the document of Pipeline's invoice {holder.owner}"
    elif holder.live.status.is_gone:
        whom = f"a document that is {holder.live.status.value}"
    else:
        whom = "a document that syncd made for another invoice"
    return item_of(
        sides,
        round_settings,
        PlanAction.HOLD,
        f"Its number is held in Xero by {whom}. Change the number of one of them.",
        None,
        reason=Reason.NUMBER_TAKEN,
        candidates=tuple(one.live.id for one in sides.named),
    )


def _adopted(sides: Sides, live: LiveInvoice, round_settings: RoundSettings) -> Judged:
    """A stranger of this number: the same document, one that differs, or another."""
    remote = RemoteRead(side=live_side(live), live=live)
    case = decision_input.compared(
        decision_input.case_of(replace(sides.loaded, earlier=()), remote, round_settings)
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
            sides, round_settings, action, why, None, fields=shown, candidates=(live.id,)
        )
        return Judged(item=item)
    base = UNAGREED
    if action is PlanAction.ADOPT:
        base = bases.base_as_both_show(None, case.pipeline, case.xero, case.compared)
    return Judged(
        item=item_of(sides, round_settings, action, why, live, fields=shown), base=base, live=live
    )


def _decided(
    sides: Sides, remote: RemoteRead, round_settings: RoundSettings, scope: PlanScope
) -> Judged:
    """What the worker would decide. A base it would adopt is stored with the link."""
    loaded = sides.loaded
    if loaded.open_intent is not None:
        why = "A write has no certain outcome yet; it is being looked for."
        return Judged(item=item_of(sides, round_settings, PlanAction.HOLD, why, remote.live))
    found = invoice_decide.decide(loaded, remote, round_settings)
    item = of_decision(sides, found, round_settings)
    if item.acts and sides.refused is not None and not scope.retry_failed:
        item = item_of(
            sides,
            round_settings,
            PlanAction.HOLD,
            f"Xero refused it: {sides.refused} Change it in Pipeline, or retry it.",
            remote.live,
            reason=Reason.REFUSED,
        )
        return Judged(item=item)
    if loaded.link is None and found.base is not None and remote.live is not None:
        if item.action is PlanAction.LEAVE:
            why = "It stands in Xero with our mark: an earlier answer was lost."
            item = replace(item, action=PlanAction.ADOPT, why=why)
        return Judged(item=item, base=found.base, live=remote.live)
    return Judged(item=item)


def _remapped(sides: Sides, round_settings: RoundSettings) -> Judged | None:
    """The item of an invoice whose lines would be coded differently now; None of any other."""
    loaded, live = sides.loaded, sides.live
    if loaded.link is None or loaded.base is None or live is None or live.status.is_gone:
        return None
    remote = RemoteRead(side=live_side(live), live=live)
    case = decision_input.case_of(loaded, remote, round_settings)
    if case.pipeline is None or case.expected is None or case.xero is None:
        return None
    found = remapping.remapped(loaded.base, case.pipeline, case.xero, case.expected)
    if found is None:
        return None
    return _recoded(sides, found, remote, round_settings)


def _recoded(
    sides: Sides, found: Remapped, remote: RemoteRead, round_settings: RoundSettings
) -> Judged:
    """Decided as if the mapping's change were an edit of Pipeline's."""
    loaded = sides.loaded
    assert loaded.link is not None, "what is recoded is linked"
    link = replace(loaded.link, base=found.base)
    under = replace(sides, loaded=replace(loaded, link=link, earlier=()))
    if not found.fields:
        item = item_of(
            sides,
            round_settings,
            PlanAction.HOLD,
            "Its line was coded otherwise in Xero since both agreed. Resolve it first.",
            remote.live,
            fields=found.recoded,
            reason=OUT_OF_SYNC,
        )
        return Judged(item=replace(item, remap=True))
    judged = _decided(under, remote, round_settings, PlanScope(retry_failed=True))
    item = replace(judged.item, remap=True)
    if not item.acts:
        return Judged(item=replace(item, fields=item.fields or found.fields))
    item = replace(item, why="The mapping has changed; " + item.why.lower())
    return Judged(item=item, base=found.base, live=remote.live)


def _owner(one: Named, sides: Sides, round_settings: RoundSettings) -> Owner:
    return ownership_of(one.live.url, sides.loaded.id, round_settings.installation).owner


def _is_free(one: Named, sides: Sides, round_settings: RoundSettings) -> bool:
    """Nobody's: neither linked nor made by us."""
    return one.owner is None and _owner(one, sides, round_settings) is Owner.FOREIGN
