"""Plans as people ask for them: made whole, applied a slice at a time.

Called by `engine.operator.operations` for the API. A plan that takes longer to apply than a request
may last is applied on with the ticket of the answer before; nothing is remembered between slices
but what is stored. Raises StoreError everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncd.domain.errors import RemoteError, Throttled
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.planned import Plan, PlanAction, PlanItem, PlanKind, PlanScope
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.domain.rules import plan_file
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.text import wording
from syncd.engine.connection.gate import Connections
from syncd.engine.core import tenant_mode
from syncd.engine.core.context import SyncContext
from syncd.engine.feed import intake
from syncd.engine.plans import build
from syncd.engine.plans.apply import ITEMS_A_READ, PlanApplication, short
from syncd.engine.plans.evaluate import InvoiceEvaluator, round_settings_of
from syncd.engine.plans.outcomes import ItemOutcome, PlanOutcome
from syncd.store import applied_plans, jobs, withheld
from syncd.store.unit_of_work import Transaction

_JOBS = {PlanKind.CUSTOMER: JobKind.PUSH_CUSTOMER, PlanKind.INVOICE: JobKind.PUSH_INVOICE}
_WAITING = (PlanAction.HOLD, PlanAction.AMBIGUOUS)
_LINKED = (PlanAction.ADOPT, PlanAction.ADOPT_DIFFERING)


class NotPlanned(Exception):
    """Nothing was planned or applied, and why. `is_unread`: a side could not be read just now."""

    def __init__(self, text: str, *, is_unread: bool = False) -> None:
        super().__init__(text)
        self.is_unread = is_unread


class Progress(Value, frozen=True, kw_only=True):
    """How far a plan has been applied: items gone through, and what became of them."""

    done: int = 0
    applied: int = 0
    already: int = 0
    refused: int = 0

    @property
    def ticket(self) -> str:
        """As one word."""
        return f"{self.done}.{self.applied}.{self.already}.{self.refused}"

    @classmethod
    def of(cls, ticket: str) -> Progress:
        """The progress that a ticket says. Raises ValueError."""
        done, applied, already, refused = (int(part) for part in ticket.split("."))
        return cls(done=done, applied=applied, already=already, refused=refused)

    def after(self, taken: int, ended: Sequence[ItemOutcome]) -> Progress:
        """And `taken` further items that ended so."""
        found = [each.outcome for each in ended]
        return Progress(
            done=self.done + taken,
            applied=self.applied + found.count(PlanOutcome.APPLIED),
            already=self.already + found.count(PlanOutcome.ALREADY),
            refused=self.refused + found.count(PlanOutcome.REFUSED),
        )


class ApplyAnswer(Value, frozen=True, kw_only=True):
    """A slice of a plan. `items` are those of this slice, `progress` counts all slices so far."""

    is_complete: bool
    progress: Progress
    items: tuple[ItemOutcome, ...]
    withheld: int = 0
    """Pending changes that the plan left out when it set the tenant live; they stay held."""


class PlanService:
    """Makes and applies plans. `wake` is called when a tenant has work."""

    def __init__(
        self, context: SyncContext, *, gates: Connections, wake: Callable[[TenantId], None]
    ) -> None:
        self._context = context
        self._gates = gates
        self._wake = wake

    async def make(self, tenant: TenantId, scope: PlanScope) -> Plan:
        """Everything that would be written. Raises NotPlanned, Throttled."""
        self._check(tenant)
        try:
            return await build.make(self._context, tenant, scope)
        except Throttled:
            raise
        except RemoteError as error:
            raise _unread(error) from error

    async def apply(self, tenant: TenantId, plan: Plan, ticket: str, who: str) -> ApplyAnswer:
        """Some of a plan's items, from where `ticket` says ("" for the first).

        Raises NotPlanned, Throttled, and ValueError for what is no ticket.
        """
        self._check(tenant)
        progress = Progress.of(ticket) if ticket else Progress()
        try:
            applied = await self._slice(tenant, plan, progress, who)
        except Throttled:
            raise
        except RemoteError as error:
            raise _unread(error) from error
        self._wake(tenant)
        return applied

    async def _slice(
        self, tenant: TenantId, plan: Plan, progress: Progress, who: str
    ) -> ApplyAnswer:
        context = self._context
        await intake.catch_up(context, tenant)
        round_settings = await round_settings_of(context, tenant)
        objection = plan_file.objection(plan, tenant, round_settings.settings.organisation_id)
        if objection:
            raise NotPlanned(objection)
        items = [item for item in plan.items if item.acts]
        applying = await self._begun(tenant, plan, who)
        until = context.after(context.limits.answer_within_s)
        while progress.done < len(items):
            batch = _batch(items, progress.done)
            before = len(applying.ended)
            await applying.apply(batch)
            ended = applying.ended[before:]
            await self._carried_out(tenant, plan, batch[0].kind, ended)
            progress = progress.after(len(batch), ended)
            if context.now() >= until and progress.done < len(items):
                return ApplyAnswer(
                    is_complete=False, progress=progress, items=tuple(applying.ended)
                )
        left = 0
        is_live = context.policies[tenant].mode is Mode.LIVE
        if not (applying.is_asked and is_live) or progress.applied:
            left = await self._hand_over(tenant, plan, progress, who)
        found = tuple(applying.ended)
        return ApplyAnswer(is_complete=True, progress=progress, items=found, withheld=left)

    async def _carried_out(
        self, tenant: TenantId, plan: Plan, kind: PlanKind, ended: Sequence[ItemOutcome]
    ) -> None:
        """What an earlier application of the plan carried out is left out once it has moved."""
        job, tx = _JOBS[kind], Transaction()
        done = [each.key for each in ended if not each.is_left_out]
        tx.add(withheld.carried_out(tenant, job, done, short(plan)))
        left = [each.key for each in ended if each.is_left_out]
        tx.add(withheld.moved_since(tenant, job, left))
        await self._context.store.commit(tx)

    async def _begun(self, tenant: TenantId, plan: Plan, who: str) -> PlanApplication:
        """What applying any of its items needs, read now."""
        context = self._context
        index = await build.contact_index(context, tenant)
        found = await build.evaluated_customers(context, tenant, plan.scope, index)
        (is_asked,) = await context.store.fetch(applied_plans.is_applied(tenant, plan.hash))
        return PlanApplication(
            context=context,
            tenant=tenant,
            plan=plan,
            who=who,
            is_asked=is_asked,
            customers={one.item.key: one for one in found},
            evaluator=InvoiceEvaluator(
                context=context,
                tenant=tenant,
                round_settings=await round_settings_of(context, tenant),
                scope=plan.scope,
                contact_of={one.item.key: one.contact for one in found if one.contact is not None},
            ),
        )

    async def _hand_over(self, tenant: TenantId, plan: Plan, progress: Progress, who: str) -> int:
        """The rest is the worker's: the tenant is live, and what is to be written is asked for.

        Answers how much stays held, because the plan that set the tenant live left it out.
        """
        context, now = self._context, self._context.now()
        words = (
            f"Plan {short(plan)} applied: {_counted(plan)}; {progress.applied} carried out, "
            f"{progress.already} already so, {progress.refused} refused"
        )
        requests = [
            JobRequest(tenant=tenant, kind=_JOBS[item.kind], key=item.key, ready_at=now)
            for item in plan.items
            if item.acts and item.action not in _LINKED
        ]
        tx = Transaction()
        tx.add(applied_plans.note(tenant, plan.hash, made_at=plan.made_at, at=now))
        tx.add(tenant_mode.said(context, tenant, words, who))
        tx.add(jobs.enqueue(requests, now))
        await context.store.commit(tx)
        if not (progress.applied or progress.already):
            return 0
        waiting = [item.key for item in plan.items if item.action in _WAITING and item.key]
        return len(await tenant_mode.start(context, tenant, who, short(plan), waiting))

    def _check(self, tenant: TenantId) -> None:
        closed_by = self._gates.closed_by(tenant)
        if closed_by is not None:
            raise NotPlanned(connection.to_open(closed_by))


def _batch(items: Sequence[PlanItem], start: int) -> Sequence[PlanItem]:
    """Some items of one kind, from `start`."""
    kind = items[start].kind
    return [item for item in items[start : start + ITEMS_A_READ] if item.kind is kind]


def _counted(plan: Plan) -> str:
    """What the plan holds, in words."""
    counts: dict[str, int] = {}
    for total in plan.totals:
        if total.action not in (PlanAction.LEAVE, PlanAction.HOLD, PlanAction.AMBIGUOUS):
            words = f"{total.kind} {total.action}"
            counts[words] = counts.get(words, 0) + total.count
    return ", ".join(f"{count} {words}" for words, count in counts.items()) or "nothing to do"


def _unread(error: RemoteError) -> NotPlanned:
    return NotPlanned(
        f"Both sides have to be read, and that failed. {wording.what_happened(error)}",
        is_unread=True,
    )
