"""Says why an invoice's number is in no listing, whatever the number.

Called by `operations` once the listings have no such number. Looks at what Pipeline has told,
whatever its date, and at the findings; calls nobody outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.domain.model.value import Value
from syncd.domain.rules.decide import policy
from syncd.domain.rules.text import wording
from syncd.engine.core import pipeline_reach
from syncd.engine.core.context import SyncContext
from syncd.ports.billing import ChangeKind
from syncd.store import desired, findings, links, views
from syncd.store.desired import Desired
from syncd.store.unit_of_work import Transaction

_PIPELINE = (
    TroubleKind.PIPELINE_KEY_REFUSED, TroubleKind.PIPELINE_DOWN, TroubleKind.FEED_STANDS_STILL,
)  # fmt: skip


class Unlisted(Value, frozen=True, kw_only=True):
    """Why a number is in no listing. `id` is Pipeline's, where Pipeline has told of it.

    `elsewhere` are the other tenants that have an invoice of that number or id.
    """

    number: str
    id: str | None
    text: str
    feed_read_at: datetime
    elsewhere: tuple[TenantId, ...] = ()


async def explain(
    context: SyncContext,
    tenant: TenantId,
    number: str,
    troubles: Sequence[Trouble],
    *,
    in_xero: bool = True,
) -> Unlisted:
    """Why; `in_xero` reads every number in Xero for it. Raises StoreError."""
    others = sorted(set(context.policies) - {tenant})
    read = Transaction()
    told = read.add(desired.invoices_by_number(tenant, [number]))
    open_findings = read.add(findings.labelled(tenant, number))
    standing_as = read.add(links.called_in_xero(tenant, number)) if in_xero else None
    numbered = {one: read.add(desired.invoices_by_number(one, [number])) for one in others}
    identified = {one: read.add(views.one(one, ChangeKind.INVOICE, number)) for one in others}
    await context.store.read(read)
    elsewhere = tuple(one for one in others if numbered[one].rows or identified[one].rows)
    read_at = pipeline_reach.of(context, tenant).read_at
    if told.rows:
        one = told.rows[0]
        text = _of_pipeline(context, tenant, number, one)
        return Unlisted(
            number=number, id=one.key, text=text, feed_read_at=read_at, elsewhere=elsewhere
        )
    text = " ".join(open_findings.rows)
    if not text and standing_as is not None and standing_as.rows:
        text = (
            f"{number} is the number in Xero of an invoice that has another number in Pipeline "
            f"now: {', '.join(standing_as.rows)}."
        )
    if not text:
        text = _not_told(context, number, read_at, troubles)
    return Unlisted(number=number, id=None, text=text, feed_read_at=read_at, elsewhere=elsewhere)


def _of_pipeline(context: SyncContext, tenant: TenantId, number: str, one: Desired[Invoice]) -> str:
    choices = context.policies[tenant]
    if one.is_withdrawn:
        return (
            f"{number} was deleted in Pipeline before it was ever sent: nothing of it stands in "
            "Xero, and nothing is to be done."
        )
    early = "" if one.content is None else policy.dated_early(number, one.content, choices)
    if early:
        return early
    if one.problem is not None:
        return f"{number} cannot be read as Pipeline tells it: {one.problem}."
    return f"{number} has just been told by Pipeline, and its turn comes. Ask again in a moment."


def _not_told(
    context: SyncContext, number: str, read_at: datetime, troubles: Sequence[Trouble]
) -> str:
    ago = wording.lasting((context.now() - read_at).total_seconds())
    known = f"Pipeline has told of no invoice {number}; its list of changes was read {ago} ago."
    trouble = next((one for one in troubles if one.kind in _PIPELINE), None)
    return known if trouble is None else f"{known} {trouble.text}"
