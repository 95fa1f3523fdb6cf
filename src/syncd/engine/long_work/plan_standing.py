"""How a kept plan stands: what of it Pipeline has changed since, and what became of each item.

Called by `long_work.orders`. Reads the store alone, and no more than what changed last, so that a
page may ask for it: what moved in Xero is found when the plan is applied.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.long_work import KeptFile
from syncd.domain.model.planned import Plan, PlanItem, PlanKind
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.model.value import Value
from syncd.domain.rules import plan_file
from syncd.engine.core.context import SyncContext
from syncd.engine.plans.outcomes import ItemOutcome
from syncd.ports.billing import ChangeKind
from syncd.store import desired, kept_files, settings, views
from syncd.store.unit_of_work import Transaction
from syncd.store.views import ObjectRow

MOST_CHANGES = 500
"""So many of what changed last are looked at, by their fingerprints, whatever Pipeline's clock says
of when; one that moved before them is found by applying."""
_PLAN = msgspec.json.Decoder(Plan)
_OUTCOMES = msgspec.json.Decoder(tuple[ItemOutcome, ...])


class PlanStanding(Value, frozen=True, kw_only=True):
    """A kept plan. `moved` are items that act and whose side in Pipeline is another one now.

    `outcomes` is None until it was applied; then it says what became of each item it went through.
    """

    file: KeptFile
    plan: Plan
    outcomes: tuple[ItemOutcome, ...] | None
    moved: tuple[PlanItem, ...]
    organisation: OrganisationSettings | None


async def read(context: SyncContext, tenant: TenantId, name: str) -> PlanStanding | None:
    """The plan of that hash; None where it is not kept. Raises StoreError."""
    asked = Transaction()
    files = asked.add(kept_files.plans(tenant))
    body = asked.add(kept_files.plan(tenant, name))
    outcomes = asked.add(kept_files.outcomes(tenant, name))
    organisation = asked.add(settings.get(tenant))
    invoices = asked.add(views.recent(tenant, ChangeKind.INVOICE, limit=MOST_CHANGES))
    customers = asked.add(views.recent(tenant, ChangeKind.CUSTOMER, limit=MOST_CHANGES))
    await context.store.read(asked)
    file = next((one for one in files.rows if one.name == name), None)
    if file is None or body.first is None:
        return None
    plan = _PLAN.decode(body.first)
    ended = None if outcomes.first is None else _OUTCOMES.decode(outcomes.first)
    moved: tuple[PlanItem, ...] = ()
    if ended is None:
        moved = await _moved(context, tenant, plan, invoices.rows, customers.rows)
    return PlanStanding(
        file=file, plan=plan, outcomes=ended, moved=moved, organisation=organisation.first
    )


async def _moved(
    context: SyncContext,
    tenant: TenantId,
    plan: Plan,
    invoices: Iterable[ObjectRow],
    customers: Iterable[ObjectRow],
) -> tuple[PlanItem, ...]:
    """Items whose fingerprint of Pipeline's side is another one now, in the plan's order."""
    changed = {
        (kind, row.key)
        for kind, rows in ((PlanKind.INVOICE, invoices), (PlanKind.CUSTOMER, customers))
        for row in rows
    }
    items = [item for item in plan.items if item.acts and (item.kind, item.key) in changed]
    keys = {kind: [item.key for item in items if item.kind is kind] for kind in PlanKind}
    asked = Transaction()
    documents = asked.add(desired.invoices(tenant, keys[PlanKind.INVOICE]))
    people = asked.add(desired.customers(tenant, keys[PlanKind.CUSTOMER]))
    await context.store.read(asked)
    now = {
        (PlanKind.INVOICE, one.key): plan_file.invoice_fingerprint(one.content)
        for one in documents.rows
    }
    now |= {
        (PlanKind.CUSTOMER, one.key): plan_file.customer_fingerprint(one.content)
        for one in people.rows
    }
    return tuple(
        item for item in items if now.get((item.kind, item.key), item.desired) != item.desired
    )
