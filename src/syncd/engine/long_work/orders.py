"""Plans and reports as orders: made beside the request, kept by what proves them, applied by name.

Called by `engine.operator.operations`. A plan is kept under its hash, a report under its digest,
which the caller's form computes, since the digest is over that form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.long_work import KeptFile, WorkKind
from syncd.domain.model.planned import Plan, PlanScope
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant import connection
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.engine.long_work import plan_standing
from syncd.engine.long_work.plan_standing import PlanStanding
from syncd.engine.long_work.runner import CannotBeDone, LongWork, Work, WorkEnd, WorkProgress
from syncd.engine.plans.outcomes import ItemOutcome
from syncd.engine.plans.service import NotPlanned, PlanService
from syncd.engine.reports.control_totals import Report, ReportService
from syncd.store import journal, kept_files
from syncd.store.unit_of_work import Transaction

_PLAN = msgspec.json.Decoder(Plan)


class ReportFile(Value, frozen=True, kw_only=True):
    """A report in the form that is kept: its digest over `body`, and whether it ties out."""

    digest: str
    body: bytes
    ties_out: bool


ReportForm = Callable[[Report], ReportFile]


class Orders:
    """What a person may order and come back for."""

    def __init__(
        self,
        context: SyncContext,
        works: LongWork,
        plans: PlanService,
        reports: ReportService,
    ) -> None:
        self._context = context
        self.works = works
        self._plans = plans
        self._reports = reports

    async def plan(self, tenant: TenantId, scope: PlanScope, who: str) -> Work:
        """Make a plan and keep it. Raises OtherUnderWay, StoreError."""

        async def made(progress: WorkProgress) -> WorkEnd:
            progress.text = "Reading both sides."
            try:
                plan = await self._plans.make(tenant, scope)
            except NotPlanned as error:
                raise CannotBeDone(str(error)) from error
            await self._keep_plan(tenant, plan, who)
            acts = sum(1 for item in plan.items if item.acts)
            text = f"{acts} of {len(plan.items)} would be changed in Xero or linked."
            return WorkEnd(result=plan.hash, text=text)

        return await self.works.begin(tenant, WorkKind.PLAN, who, made, asked=scope)

    async def apply(self, tenant: TenantId, plan: Plan, who: str) -> Work:
        """Apply a plan to its end. Raises OtherUnderWay, StoreError."""
        ticket, ended = "", dict[tuple[str, str], ItemOutcome]()

        async def applied(progress: WorkProgress) -> WorkEnd:
            nonlocal ticket
            progress.text = "Reading both sides of each item again."
            progress.total = sum(1 for item in plan.items if item.acts)
            while True:
                try:
                    answer = await self._plans.apply(tenant, plan, ticket, who)
                except NotPlanned as error:
                    raise CannotBeDone(str(error)) from error
                progress.done, ticket = answer.progress.done, answer.progress.ticket
                ended.update({(one.kind, one.key): one for one in answer.items})
                await self._note_outcomes(tenant, plan, ended.values())
                if answer.is_complete:
                    break
            text = (
                f"{answer.progress.applied} carried out, {answer.progress.already} already so, "
                f"{answer.progress.refused} refused."
            )
            if answer.withheld:
                text += f" {answer.withheld} pending changes stay held."
            return WorkEnd(result=plan.hash, text=text)

        return await self.works.begin(
            tenant, WorkKind.APPLY, who, applied, asked=plan.hash, about=plan.hash
        )

    async def report(self, tenant: TenantId, form: ReportForm, who: str) -> Work:
        """Read both books and keep the report. Raises StoreError."""

        async def read(progress: WorkProgress) -> WorkEnd:
            closed_by = self._reports.closed_by(tenant)
            if closed_by is not None:
                raise CannotBeDone(connection.to_open(closed_by))
            progress.text = "Reading both books."
            found = form(await self._reports.report(tenant))
            kept = kept_files.put_report(
                tenant,
                found.digest,
                found.body,
                at=self._context.now(),
                who=who,
                ties_out=found.ties_out,
            )
            tx = Transaction()
            tx.add_all(kept)
            await self._context.store.commit(tx)
            text = "Both books tie out." if found.ties_out else "The books do not tie out."
            return WorkEnd(result=found.digest, text=text)

        return await self.works.begin(tenant, WorkKind.REPORT, who, read)

    async def plans(self, tenant: TenantId) -> tuple[KeptFile, ...]:
        """The plans that are kept, newest first. Raises StoreError."""
        return await self._context.store.fetch(kept_files.plans(tenant))

    async def kept_plan(self, tenant: TenantId, name: str) -> Plan | None:
        """A plan by its hash; None where it is not kept. Raises StoreError."""
        found = await self._context.store.fetch(kept_files.plan(tenant, name))
        return _PLAN.decode(found[0]) if found else None

    async def plan_standing(self, tenant: TenantId, name: str) -> PlanStanding | None:
        """A kept plan with what has become of it; None where it is not kept. Raises StoreError."""
        return await plan_standing.read(self._context, tenant, name)

    async def reports(self, tenant: TenantId) -> tuple[KeptFile, ...]:
        """The reports that are kept, newest first. Raises StoreError."""
        return await self._context.store.fetch(kept_files.reports(tenant))

    async def kept_report(self, tenant: TenantId, digest: str) -> bytes | None:
        """A report by its digest, as it was kept; None where it is not. Raises StoreError."""
        found = await self._context.store.fetch(kept_files.report(tenant, digest))
        return found[0] if found else None

    async def review(self, tenant: TenantId, digest: str, who: str) -> bool:
        """Note a report as reviewed: who and when, with its digest; whether it is kept.

        Raises StoreError.
        """
        now = self._context.now()
        if await self.kept_report(tenant, digest) is None:
            return False
        entry = journal_entries.note(
            tenant,
            now,
            f"Report reviewed: {digest}",
            who=who,
            about=journal_entries.REPORT,
            key=digest,
        )
        tx = Transaction()
        tx.add(kept_files.review(tenant, digest, who, now))
        tx.add(journal.append([entry]))
        await self._context.store.commit(tx)
        return True

    async def _note_outcomes(
        self, tenant: TenantId, plan: Plan, ended: Iterable[ItemOutcome]
    ) -> None:
        body = msgspec.json.encode(list(ended))
        await self._context.store.run(kept_files.note_outcomes(tenant, plan.hash, body))

    async def _keep_plan(self, tenant: TenantId, plan: Plan, who: str) -> None:
        tx = Transaction()
        body = msgspec.json.encode(plan)
        tx.add_all(kept_files.put_plan(tenant, plan.hash, body, at=self._context.now(), who=who))
        await self._context.store.commit(tx)
