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
from syncd.domain.rules.compare.ownership_mark import Owner, whose
from syncd.domain.rules.decide import bases, policy, remapping
from syncd.domain.rules.decide.remapping import Remapped
from syncd.domain.rules.decide.situation import LiveState, live_side
from syncd.engine.core import unreadable_rows
from syncd.engine.invoices import case as cases
from syncd.engine.invoices import decide as invoice_decide
from syncd.engine.invoices.case import World
from syncd.engine.invoices.known import Sight
from syncd.engine.plans.items import OUT_OF_SYNC, Judged, Named, Sides, item_of, of_decision

UNAGREED = Base(pipeline=None, xero=None)
"""Of a document that was linked though it differs: neither side has ever been agreed on."""


def judge(sides: Sides, world: World, scope: PlanScope) -> Judged | None:
    """The invoice's item; None where a plan of this scope says nothing of it.

    `world` has the tenant's policy as if it were live already.
    """
    known = sides.known
    if sides.problem:
        why = unreadable_rows.in_words(sides.problem)
        return Judged(item=item_of(sides, world, PlanAction.HOLD, why, None))
    if scope.remap:
        return _remapped(sides, world)
    if known.link is not None:
        sight = Sight(side=live_side(sides.live), live=sides.live)
        return _decided(sides, sight, world, scope)
    return _unlinked(sides, world, scope)


def _unlinked(sides: Sides, world: World, scope: PlanScope) -> Judged:
    known = sides.known
    if known.open_intent is not None:
        why = "A write has no certain outcome yet; it is being looked for."
        return Judged(item=item_of(sides, world, PlanAction.HOLD, why, None))
    marked = [one for one in sides.named if _owner(one, sides, world) is Owner.OURS]
    if marked:
        live = marked[0].live
        return _decided(sides, Sight(side=live_side(live), live=live), world, scope)
    wanted = known.desired
    if wanted is None or wanted.is_withdrawn:
        why = "Deleted in Pipeline before anything of it stood in Xero."
        return Judged(item=item_of(sides, world, PlanAction.LEAVE, why, None))
    if wanted.content is None:
        return _decided(sides, Sight(side=LiveState.ABSENT), world, scope)
    if not policy.in_scope(wanted.content, world.policy, linked=False):
        why = f"Dated before the start date, {world.policy.start_on}."
        return Judged(item=item_of(sides, world, PlanAction.LEAVE, why, None))
    return _by_number(sides, world, scope)


def _by_number(sides: Sides, world: World, scope: PlanScope) -> Judged:
    """No trace of ours in Xero: what stands there under its number decides."""
    living = [one for one in sides.named if not one.live.status.is_gone]
    free = [one for one in living if _is_free(one, sides, world)]
    if len(free) > 1 or (free and sides.twins):
        several = (
            "Several documents in Xero bear" if len(free) > 1 else "Two invoices in Pipeline bear"
        )
        item = item_of(
            sides,
            world,
            PlanAction.AMBIGUOUS,
            f"{several} bear this number. Change a number, or void what is a copy, and plan again.",
            None,
            candidates=tuple(one.live.id for one in free),
        )
        return Judged(item=item)
    if free:
        return _adopted(sides, free[0].live, world)
    if sides.named:
        return Judged(item=_taken(sides, world))
    first = min(sides.twins, default=sides.known.id)
    if first < sides.known.id:
        why = (
            f"Pipeline's invoice {first} has the same number and comes first. Change one of "
            "the two numbers."
        )
        item = item_of(sides, world, PlanAction.HOLD, why, None, reason=Reason.NUMBER_TAKEN)
        return Judged(item=item)
    return _decided(sides, Sight(side=LiveState.ABSENT), world, scope)


def _taken(sides: Sides, world: World) -> PlanItem:
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
        world,
        PlanAction.HOLD,
        f"Its number is held in Xero by {whom}. Change the number of one of them.",
        None,
        reason=Reason.NUMBER_TAKEN,
        candidates=tuple(one.live.id for one in sides.named),
    )


def _adopted(sides: Sides, live: LiveInvoice, world: World) -> Judged:
    """A stranger of this number: the same document, one that differs, or another."""
    sight = Sight(side=live_side(live), live=live)
    case = cases.compared(cases.case_of(replace(sides.known, earlier=()), sight, world))
    assert case.compared is not None, "a found document is compared"
    assert case.said is not None, "an invoice with content"
    assert case.shown is not None, "a found document is shown"
    action, why = plan_file.adoption(case.compared)
    shown = tuple(
        PlanField(field=each.field, before=each.xero, after=each.pipeline)
        for each in comparison.differences(case.compared)
    )
    if action is PlanAction.AMBIGUOUS:
        item = item_of(sides, world, action, why, None, fields=shown, candidates=(live.id,))
        return Judged(item=item)
    base = UNAGREED
    if action is PlanAction.ADOPT:
        base = bases.base_as_shown(None, case.said, case.shown, case.compared)
    return Judged(item=item_of(sides, world, action, why, live, fields=shown), base=base, live=live)


def _decided(sides: Sides, sight: Sight, world: World, scope: PlanScope) -> Judged:
    """What the worker would decide. A base it would adopt is stored with the link."""
    known = sides.known
    if known.open_intent is not None:
        why = "A write has no certain outcome yet; it is being looked for."
        return Judged(item=item_of(sides, world, PlanAction.HOLD, why, sight.live))
    found = invoice_decide.decide(known, sight, world)
    item = of_decision(sides, found, world)
    if item.acts and sides.refused is not None and not scope.retry_failed:
        item = item_of(
            sides,
            world,
            PlanAction.HOLD,
            f"Xero refused it: {sides.refused} Change it in Pipeline, or retry it.",
            sight.live,
            reason=Reason.REFUSED,
        )
        return Judged(item=item)
    if known.link is None and found.base is not None and sight.live is not None:
        if item.action is PlanAction.LEAVE:
            why = "It stands in Xero with our mark: an earlier answer was lost."
            item = replace(item, action=PlanAction.ADOPT, why=why)
        return Judged(item=item, base=found.base, live=sight.live)
    return Judged(item=item)


def _remapped(sides: Sides, world: World) -> Judged | None:
    """The item of an invoice whose lines would be coded differently now; None of any other."""
    known, live = sides.known, sides.live
    if known.link is None or known.base is None or live is None or live.status.is_gone:
        return None
    sight = Sight(side=live_side(live), live=live)
    case = cases.case_of(known, sight, world)
    if case.said is None or case.meant is None or case.shown is None:
        return None
    found = remapping.remapped(known.base, case.said, case.shown, case.meant)
    if found is None:
        return None
    return _recoded(sides, found, sight, world)


def _recoded(sides: Sides, found: Remapped, sight: Sight, world: World) -> Judged:
    """Decided as if the mapping's change were an edit of Pipeline's."""
    known = sides.known
    assert known.link is not None, "what is recoded is linked"
    link = replace(known.link, base=found.base)
    under = replace(sides, known=replace(known, link=link, earlier=()))
    if not found.fields:
        item = item_of(
            sides,
            world,
            PlanAction.HOLD,
            "Its line was coded otherwise in Xero since both agreed. Resolve it first.",
            sight.live,
            fields=found.recoded,
            reason=OUT_OF_SYNC,
        )
        return Judged(item=replace(item, remap=True))
    judged = _decided(under, sight, world, PlanScope(retry_failed=True))
    item = replace(judged.item, remap=True)
    if not item.acts:
        return Judged(item=replace(item, fields=item.fields or found.fields))
    item = replace(item, why="The mapping has changed; " + item.why.lower())
    return Judged(item=item, base=found.base, live=sight.live)


def _owner(one: Named, sides: Sides, world: World) -> Owner:
    return whose(one.live.url, sides.known.id, world.installation).owner


def _is_free(one: Named, sides: Sides, world: World) -> bool:
    """Nobody's: neither linked nor made by us."""
    return one.owner is None and _owner(one, sides, world) is Owner.FOREIGN
