"""A plan as people read it: what applying does in figures, its items in rows, its first sentence.

Pure. Called by the pages of plans; `engine.long_work.plan_standing` says how the plan stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode

from syncd.domain.model.planned import ACTS, PlanAction, PlanField, PlanItem, PlanKind, PlanTotal
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.engine.core.organisation_settings import contact_url, xero_url
from syncd.engine.long_work.plan_standing import PlanStanding
from syncd.engine.plans.outcomes import ItemOutcome, PlanOutcome
from syncd.web.console import amounts, fields, words
from syncd.web.console.openings import Opening
from syncd.web.console.verdicts import Press
from syncd.web.console.visit import place
from syncd.web.console.words import GOOD, PERSON, STOP, Look

HASH_SHOWN = 12
"""So many digits of a plan's hash, as the journal cites it."""
MOST_NAMED = 5
MOST_CHANGES = 3
"""Fields in a row; the rest is in a fold."""
_CUSTOMER = "customerId"
"""Its values are ids of contacts, which say nothing to a person."""
_ADOPTED = (PlanAction.ADOPT, PlanAction.ADOPT_DIFFERING)
_PAGES = {PlanKind.INVOICE: "invoices", PlanKind.CUSTOMER: "contacts"}
_WITHOUT_NAME = {PlanKind.INVOICE: "without a number", PlanKind.CUSTOMER: "without a name"}
_MOVED = Look(word="moved since", tone=PERSON, icon="alert")
_SAID = {
    PlanAction.LINK: "linked",
    PlanAction.ADOPT: "adopted as they stand",
    PlanAction.ADOPT_DIFFERING: "adopted as out of sync",
    PlanAction.CREATE: "created",
    PlanAction.UPDATE: "changed",
    PlanAction.VOID: "voided, deleted or archived",
}


class PlanSum(Value, frozen=True, kw_only=True):
    """All items of one action. Amounts a line for each currency; `change` is what Xero's moves by.

    `acts` says whether applying does anything with them.
    """

    action: PlanAction
    look: Look
    href: str
    customers: int
    invoices: int
    before: tuple[str, ...]
    change: tuple[str, ...]
    acts: bool

    @property
    def count(self) -> int:
        """All of them."""
        return self.customers + self.invoices


class PlanRow(Value, frozen=True, kw_only=True):
    """One item. `mark` says what became of it, or that it has moved; `why` explains the mark."""

    look: Look
    name: str
    href: str | None
    kind: PlanKind
    text: str
    changes: tuple[str, ...]
    more: tuple[str, ...]
    """Changes that are folded away."""
    amount: str
    change: str
    mark: Look | None
    why: str
    stops: bool
    """Whether the mark wants a person."""
    in_xero: tuple[str, ...]
    """Where what a person would choose from is found."""


class PlanFilter(Value, frozen=True, kw_only=True):
    """Which items are wanted: of an action, of an outcome, with a part of the name."""

    action: PlanAction | None = None
    outcome: PlanOutcome | None = None
    text: str = ""

    def fits(self, item: PlanItem, ended: ItemOutcome | None) -> bool:
        """Without a filter all but what is left as it is."""
        if self.text and self.text.casefold() not in item.name.casefold():
            return False
        if self.outcome is not None and (ended is None or ended.outcome is not self.outcome):
            return False
        if self.action is not None:
            return item.action is self.action
        return item.action is not PlanAction.LEAVE or bool(self.text)


def short(name: str) -> str:
    """A hash as it is shown."""
    return name[:HASH_SHOWN]


def sums(totals: Iterable[PlanTotal], href: str) -> tuple[PlanSum, ...]:
    """A row for each action there is, what acts first; `href` is the plan's own page."""
    by_action: dict[PlanAction, list[PlanTotal]] = {}
    for one in totals:
        by_action.setdefault(one.action, []).append(one)
    return tuple(
        PlanSum(
            action=action,
            look=words.plan_action(action),
            href=f"{href}?{urlencode({'action': action})}#items",
            customers=_count(found, PlanKind.CUSTOMER),
            invoices=_count(found, PlanKind.INVOICE),
            before=_lines(found, lambda one: amounts.amount(one.before, one.currency)),
            change=_lines(found, _change),
            acts=action in ACTS,
        )
        for action in PlanAction
        if (found := by_action.get(action))
    )


def rows(standing: PlanStanding, items: Sequence[PlanItem]) -> tuple[PlanRow, ...]:
    """These items as rows."""
    ended = by_item(standing.outcomes)
    moved = {(one.kind, one.key) for one in standing.moved}
    return tuple(_row(standing, item, ended, moved) for item in items)


def by_item(outcomes: Iterable[ItemOutcome] | None) -> Mapping[tuple[str, str], ItemOutcome]:
    """What became of each item, by its kind and key."""
    return {(one.kind, one.key): one for one in outcomes or ()}


def opening(standing: PlanStanding, tenant: str, organisation_id: str | None) -> Opening:
    """Whether it is applied, still what it was, or overtaken; and what to press."""
    plan = standing.plan
    acting = sum(one.count for one in plan.totals if one.action in ACTS)
    if standing.outcomes is not None:
        return _applied(standing)
    if organisation_id is not None and plan.organisation_id != organisation_id:
        look = Look(word="Of another organisation.", tone=STOP, icon="cross")
        text = f"It was made for {plan.organisation}, which {tenant} is not connected to now."
        return Opening(look=look, text=text, press=_again(tenant))
    if standing.moved:
        look = Look(word="Overtaken in part.", tone=PERSON, icon="alert")
        many = words.counted(len(standing.moved), "item", "items")
        text = f"Pipeline has changed {many} since: {named(standing.moved)}. Plan again."
        return Opening(look=look, text=text, press=_again(tenant))
    if not acting:
        look = Look(word="Nothing would be written.", tone=GOOD, icon="check")
        return Opening(look=look, text=_left(plan.totals))
    look = Look(word="Not applied yet.", tone=PERSON, icon="bars")
    text = f"It would do {words.counted(acting, 'thing', 'things')}; nothing is written until then."
    return Opening(look=look, text=text, press=_apply(standing))


def promises(found: Sequence[PlanSum]) -> tuple[str, ...]:
    """What applying does, a line for each action: `41 created (+88,310.20 NZD)`."""
    return tuple(
        f"{each.count:,} {_SAID[each.action]} ({_said_of(each)})" for each in found if each.acts
    )


def goes_live(standing: PlanStanding, mode: Mode) -> bool:
    """Whether applying it lets the tenant write from then on."""
    return mode is Mode.OBSERVE and any(item.acts for item in standing.plan.items)


def named(items: Sequence[PlanItem | ItemOutcome]) -> str:
    """The first few by name."""
    found = [one.name or _WITHOUT_NAME[PlanKind(one.kind)] for one in items]
    more = len(found) - MOST_NAMED
    return ", ".join(found[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _applied(standing: PlanStanding) -> Opening:
    ended = standing.outcomes or ()
    refused = [one for one in ended if one.outcome is PlanOutcome.REFUSED]
    done = len(ended) - len(refused)
    unreached = sum(1 for item in standing.plan.items if item.acts) - len(ended)
    if unreached > 0:
        look = Look(word="Not applied to its end.", tone=PERSON, icon="alert")
        left = words.counted(unreached, "item was", "items were")
        text = f"{done:,} carried out, {len(refused):,} refused; {left} not reached."
        return Opening(look=look, text=text, press=_apply(standing))
    if not refused:
        look = Look(word="Applied.", tone=GOOD, icon="check")
        text = f"{words.counted(done, 'item', 'items')} carried out, none refused."
        return Opening(look=look, text=text)
    look = Look(word="Applied in part.", tone=PERSON, icon="alert")
    text = f"{done:,} carried out; {len(refused):,} refused, moved since: {named(refused)}."
    return Opening(look=look, text=text, press=_again(standing.plan.tenant))


def _apply(standing: PlanStanding) -> Press:
    href = place(standing.plan.tenant, "plans", standing.plan.hash, "apply")
    return Press(label="Apply this plan…", href=href, operation="startApply")


def _again(tenant: str) -> Press:
    return Press(label="Plan again", href=place(tenant, "plans"), operation="startPlan", posts=True)


def _left(totals: Iterable[PlanTotal]) -> str:
    waiting = sum(
        one.count for one in totals if one.action in (PlanAction.HOLD, PlanAction.AMBIGUOUS)
    )
    if waiting:
        return f"{words.counted(waiting, 'item waits', 'items wait')} for what it names below."
    return "Both books agree in everything that is in scope."


def _count(found: Iterable[PlanTotal], kind: PlanKind) -> int:
    return sum(one.count for one in found if one.kind is kind)


def _lines(found: Iterable[PlanTotal], say: Callable[[PlanTotal], str]) -> tuple[str, ...]:
    """One for each currency; customers have none."""
    return tuple(said for one in found if one.currency and (said := say(one)))


def _change(of: PlanTotal | PlanItem) -> str:
    by = Decimal(of.after) - Decimal(of.before)
    return signed(by, of.currency) if by else ""


def signed(by: Decimal, currency: str) -> str:
    """`+88,310.20 NZD`, `−862,922.93 NZD`."""
    said = amounts.amount(by, currency or None)
    return said if by < 0 else f"+{said}"


def _said_of(of: PlanSum) -> str:
    if of.action is PlanAction.LINK:
        return "at most our mark is written to them"
    if of.action in _ADOPTED:
        return "nothing is written to them"
    return ", ".join(of.change) or "amounts stay"


def _row(
    standing: PlanStanding,
    item: PlanItem,
    ended: Mapping[tuple[str, str], ItemOutcome],
    moved: set[tuple[PlanKind, str]],
) -> PlanRow:
    became = ended.get((item.kind, item.key)) if item.key else None
    mark, why = None, ""
    is_done = became is not None and became.outcome is not PlanOutcome.REFUSED
    if became is not None:
        mark = words.plan_outcome(became.outcome)
        why = words.plain(became.why)
    elif (item.kind, item.key) in moved:
        mark, why = _MOVED, "Pipeline shows something else now; applying would refuse it."
    changes = tuple(_changed(each) for each in item.fields)
    shown = 0 if item.action is PlanAction.AMBIGUOUS else MOST_CHANGES
    return PlanRow(
        look=words.plan_action(item.action),
        name=item.name or _WITHOUT_NAME[item.kind],
        href=place(standing.plan.tenant, _PAGES[item.kind], item.key) if item.key else None,
        kind=item.kind,
        text="" if is_done or _is_told_by_fields(item) else words.in_words(words.plain(item.why)),
        changes=changes[:shown],
        more=changes[shown:],
        amount=_amount(item),
        change=_change(item) if item.currency and item.acts else "",
        mark=mark,
        why=words.in_words(why),
        stops=not is_done,
        in_xero=_places(standing, item),
    )


def _is_told_by_fields(item: PlanItem) -> bool:
    return item.action is PlanAction.UPDATE and bool(item.fields)


def _amount(of: PlanItem) -> str:
    """What the document amounts to in Xero; nothing where there is none and none is made."""
    has_one = of.currency and (of.acts or Decimal(of.after))
    return amounts.amount(of.after, of.currency) if has_one else ""


def _changed(of: PlanField) -> str:
    if of.field == _CUSTOMER:
        return f"{fields.label(of.field)}: another contact"
    before, after = fields.value(of.field, of.before), fields.value(of.field, of.after)
    return f"{fields.label(of.field)} {before or 'empty'} → {after or 'empty'}"


def _places(standing: PlanStanding, item: PlanItem) -> tuple[str, ...]:
    url = xero_url if item.kind is PlanKind.INVOICE else contact_url
    ids = item.candidates or ((item.xero_id,) if item.xero_id else ())
    found = (url(standing.organisation, each) for each in ids)
    return tuple(each for each in found if each is not None)
