"""Decides a batch of invoices: reads Xero's side where it matters, and settles what needs no write.

Called by the write path with what is stored of them, and by a person's decision about one.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.ids import TenantId, XeroInvoiceId
from syncd.domain.model.finding import Found
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.rules.decide import preflight
from syncd.domain.rules.decide.situation import LiveState, live_side
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core import organisation_settings, unreadable_rows
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices import brake, contact_merges, decide, number_holders, settle
from syncd.engine.invoices.decide import Chosen, Decision
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import LoadedInvoice, RemoteRead
from syncd.engine.writes import absence, write_ahead
from syncd.ports.rows import Rows, Unread


async def decide_all(changeset: ChangeSet, ready: Sequence[LoadedInvoice]) -> list[Chosen]:
    """Settle in the change set what needs no write; answer what does, in order."""
    context, tenant = changeset.context, changeset.tenant
    round_settings = RoundSettings(
        policy=context.policies[tenant],
        settings=await organisation_settings.current(context, tenant),
        installation=context.installation,
    )
    sights = await look(context, tenant, ready)
    changeset.findings.extend(_unread(ready, sights))
    ready = [*await contact_merges.followed(changeset, ready, sights)]
    changeset.read_at = min((one.read_at for one in sights if one.read_at), default=None)
    decisions = [
        decide.decide(one, remote, round_settings)
        for one, remote in zip(ready, sights, strict=True)
    ]
    if _needs_fresh_settings(context, decisions, round_settings):
        # A no that rests on old settings is confirmed by one read before anyone is told.
        settings = await organisation_settings.read(context, tenant)
        fresh = RoundSettings(
            policy=round_settings.policy,
            settings=settings,
            installation=round_settings.installation,
        )
        decisions = [
            decide.decide(one, remote, fresh) for one, remote in zip(ready, sights, strict=True)
        ]
    decisions = [
        unless_overlooked(context, one, remote)
        for one, remote in zip(decisions, sights, strict=True)
    ]
    decisions = await number_holders.named(context, tenant, decisions)
    decisions = await number_holders.still_taken(context, tenant, decisions)
    await contact_merges.waited_for(changeset, decisions)
    admitted = await brake.held_back(changeset, sights, decisions)
    for decided in admitted:
        if isinstance(decided, InvoiceEnd):
            settle.settle(changeset, decided)
    return [one for one in admitted if isinstance(one, Chosen)]


def unless_overlooked(context: SyncContext, decided: Decision, remote: RemoteRead) -> Decision:
    """The same, but where a document that stood there is gone by the first answer without it."""
    loaded, is_lacking = decided.loaded, remote.side is LiveState.ABSENT
    if loaded.link is None or absence.is_believed(context, loaded.job, is_lacking=is_lacking):
        return decided
    if not decide.believes_it_gone(decided):
        return decided
    return InvoiceEnd(loaded=loaded, outcome=absence.NOT_SHOWN)


def _needs_fresh_settings(
    context: SyncContext, decisions: Sequence[Decision], round_settings: RoundSettings
) -> bool:
    objections = [
        each for one in decisions if isinstance(one, InvoiceEnd) for each in one.objections
    ]
    return preflight.needs_fresh_settings(
        objections,
        round_settings.settings.read_at,
        context.now(),
        context.limits.settings_max_age_s,
    )


async def look(
    context: SyncContext, tenant: TenantId, loaded: Sequence[LoadedInvoice]
) -> list[RemoteRead]:
    """Read Xero's side where a decision needs it: linked ones by id, doubtful ones by number.

    With neither base nor intent live counts as absent: the PUT, which cannot overwrite, is the
    look. Raises RemoteError; a read that failed is never "not found".
    """
    ids = [XeroInvoiceId(one.link.xero_id) for one in loaded if one.link is not None]
    numbers = {
        one.desired.label
        for one in loaded
        if one.link is None and one.earlier and one.desired is not None and one.desired.label
    }
    read_at = context.now()
    by_id, named = Rows[LiveInvoice](), Rows[LiveInvoice]()
    if ids:
        by_id = await context.ledger.invoices_by_id(tenant, ids, lane=Lane.WRITE)
    if numbers:
        named = await context.ledger.invoices_by_number(tenant, sorted(numbers), lane=Lane.WRITE)
    by_number = {live.number: live for live in named}
    sights = []
    for one in loaded:
        if one.link is not None:
            live = by_id.get(one.link.xero_id)
            problem = "" if live is not None else by_id.may_hide(one.link.xero_id)
            is_early = live is None and write_ahead.was_agreed_lately(context, one.link)
        elif one.earlier and one.desired is not None:
            live = by_number.get(one.desired.label)
            problem = "" if live is not None else named.may_hide(one.desired.label, one.id)
            is_early = False
        else:
            sights.append(RemoteRead(side=LiveState.ABSENT))
            continue
        side = LiveState.UNREAD if problem or is_early else live_side(live)
        sights.append(RemoteRead(side=side, live=live, read_at=read_at, problem=problem))
    return sights


def _unread(loaded: Sequence[LoadedInvoice], sights: Sequence[RemoteRead]) -> list[Found]:
    """Findings of documents that are there and cannot be read."""
    return unreadable_rows.found(
        Unread(
            id="" if one.link is None else one.link.xero_id,
            label="" if one.desired is None else one.desired.label,
            problem=remote.problem,
        )
        for one, remote in zip(loaded, sights, strict=True)
        if remote.problem
    )
