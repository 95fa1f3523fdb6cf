"""Plans and reports as they are kept, for the pages that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import anyio
import msgspec

from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.model.planned import Plan, PlanAction, PlanField, PlanItem, PlanKind, PlanScope
from syncd.domain.rules import plan_file
from syncd.engine.plans.outcomes import ItemOutcome, PlanOutcome
from syncd.store import kept_files, long_works
from syncd.store.unit_of_work import Transaction
from syncd.web.report.shapes import ControlReport
from tests.engine.support.operating import ORGANISATION, Desk
from tests.store.build import ACME, AT, invoice, later


def item(name: str, action: PlanAction = PlanAction.UPDATE, **others: object) -> PlanItem:
    """An invoice of that number, by its small letters; one that would rise from 1 to 3 NZD."""
    given = {
        "kind": PlanKind.INVOICE, "key": name.lower(), "why": "Changed in Pipeline: total.",
        "fields": (PlanField(field="total", before="1", after="3"),),
        "xero_id": f"x-{name}", "currency": "NZD", "before": "1", "after": "3",
        **others,
    }  # fmt: skip
    return PlanItem(name=name, action=action, **given)  # type: ignore[arg-type]  (as given)


EVERY = tuple(item(f"E-{place}", action) for place, action in enumerate(PlanAction))


def plan_of(items: Sequence[PlanItem], *, organisation: str = ORGANISATION) -> Plan:
    """A plan of these, made as everything began."""
    return plan_file.plan_of(
        items,
        tenant=ACME,
        organisation_id=organisation,
        organisation="Demo Company",
        mode="observe",
        made_at=AT,
        scope=PlanScope(),
    )


def as_stored(key: str) -> PlanItem:
    """An item that saw what `Desk.seed` stores of the invoice."""
    seen = plan_file.invoice_fingerprint(invoice(key, number=key.upper()))
    return item(key.upper(), desired=seen)


async def keep_plan(desk: Desk, plan: Plan) -> str:
    """Keep it; its page."""
    tx = Transaction()
    body = msgspec.json.encode(plan)
    tx.add_all(kept_files.put_plan(ACME, plan.hash, body, at=AT, who="Ada"))
    await desk.store.commit(tx)
    return f"/t/acme/plans/{plan.hash}"


async def ends(desk: Desk, plan: Plan, **outcomes: str) -> None:
    """What became of its items, by name in small letters; why, for those that are refused."""
    ended = [
        ItemOutcome(
            kind=one.kind, key=one.key, name=one.name, action=one.action,
            outcome=PlanOutcome.REFUSED if outcomes[one.key] else PlanOutcome.APPLIED,
            why=outcomes[one.key],
        )
        for one in plan.items if one.key in outcomes
    ]  # fmt: skip
    body = msgspec.json.encode(ended)
    await desk.store.run(kept_files.note_outcomes(ACME, plan.hash, body))


async def keep_report(desk: Desk, report: ControlReport) -> str:
    """Keep it; its page."""
    tx = Transaction()
    body = msgspec.json.encode(report)
    tx.add_all(
        kept_files.put_report(ACME, report.digest, body, at=AT, who="Ada", ties_out=report.ties_out)
    )
    await desk.store.commit(tx)
    return f"/t/acme/reports/{report.digest.replace(':', '%3A')}"


async def job(
    desk: Desk, kind: WorkKind, state: WorkState, *, result: str = "", text: str = ""
) -> int:
    """A job that has ended so; its number."""
    (number,) = await desk.store.fetch(long_works.begin(ACME, kind, "Ada", AT))
    if state is WorkState.INTERRUPTED:
        await desk.store.run(long_works.interrupt(later(1)))
    else:
        ended = long_works.end(number, state, later(1), result=result or None, text=text)
        await desk.store.run(ended)
    return number


async def carry_out(desk: Desk) -> None:
    """Carry out what is ordered, to its end; once for a desk."""
    works = desk.operations.orders.works
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            await group.start(lambda *, task_status: works.run(task_status=task_status))
            while any(one.row.state is WorkState.RUNNING for one in await works.recent(ACME)):
                await anyio.lowlevel.checkpoint()
            works.stop()


def renamed(plan: Plan, text: str) -> Plan:
    """The same, with that text wherever people write one."""
    items = tuple(
        replace(
            one, name=text, why=text, key=text,
            fields=(PlanField(field="reference", before=text, after=text[::-1]),) * 5,
        )
        for one in plan.items
    )  # fmt: skip
    changed = replace(plan, items=items, organisation=text, hash="")
    return replace(changed, hash=changed.digest())
