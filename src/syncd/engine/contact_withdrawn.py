"""Customers deleted in Pipeline: their contacts are archived, or a person is told why not.

Called by the round of customers (`contacts`). A contact is read only when nothing else forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.domain.ids import (
    PipelineCustomerId,
    PipelineInvoiceId,
    TenantId,
    XeroContactId,
)
from syncd.domain.model.contact import ContactStatus, ContactWrite, LiveContact
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import Reason
from syncd.domain.model.result import CustomerState
from syncd.domain.rules import contact_archive, policy
from syncd.domain.rules.outcome import Held, NothingToDo
from syncd.engine import contact_links, contact_reads, contact_settling, contact_wishes
from syncd.engine.contact_links import ContactLink
from syncd.engine.contact_settling import ContactEnd
from syncd.engine.customers import ChosenContact, KnownCustomer
from syncd.engine.hall import Hall
from syncd.engine.record import Record
from syncd.store import desired, links
from syncd.store.unit_of_work import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """A deleted customer, and the contact that may go with it."""

    known: KnownCustomer
    link: ContactLink


async def decide(record: Record, withdrawn: Sequence[KnownCustomer]) -> list[ChosenContact]:
    """Archive, or settle. Raises RemoteError's leaves when the contacts cannot be read."""
    leaving = []
    for one in withdrawn:
        if one.wish is not None:
            record.extra.append(contact_wishes.forget(record.tenant, one.id))
        if one.link is None:
            contact_settling.settle(record, ContactEnd(known=one, outcome=NothingToDo()))
        elif one.link.merged_to is not None or one.link.xero_status != ContactStatus.ACTIVE:
            _gone(record, one)
        elif not one.link.is_ours:
            why = contact_archive.objection(is_ours=False, is_supplier=False, still_open=())
            _stays(record, one, why)
        else:
            leaving.append(_Leaving(known=one, link=one.link))
    still_open = await _still_open(record.hall, record.tenant, [one.known.id for one in leaving])
    free = []
    for each in leaving:
        invoices = still_open.get(each.known.id, {})
        why = contact_archive.objection(
            is_ours=True, is_supplier=False, still_open=invoices.values()
        )
        if why:
            _stays(record, each.known, why, (*invoices,))
        else:
            free.append(each)
    ids = [XeroContactId(each.link.xero_id) for each in free]
    found = await contact_reads.to_the_end(record.hall, record.tenant, ids)
    chosen: list[ChosenContact | None] = []
    for each in free:
        live, problem = found.get(each.link.xero_id), found.may_hide(each.link.xero_id)
        if live is None and problem:
            contact_reads.set_aside(record, each.known, problem)
        else:
            chosen.append(_archive(record, each, live))
    return [one for one in chosen if one is not None]


def _archive(record: Record, one: _Leaving, live: LiveContact | None) -> ChosenContact | None:
    if live is None or live.status is not ContactStatus.ACTIVE:
        _gone(record, one.known, live)
        return None
    if live.is_supplier:
        why = contact_archive.objection(is_ours=True, is_supplier=True, still_open=())
        _stays(record, one.known, why)
        return None
    choices = record.hall.policies[record.tenant]
    text = policy.observing("its contact would be archived.", choices, one.known.job.withheld_by)
    if text:
        held = Held(reason=Reason.OBSERVING, text=text)
        contact_settling.settle(record, ContactEnd(known=one.known, outcome=held))
        return None
    write = ContactWrite(pipeline_id=one.known.id, xero_id=live.id, status=ContactStatus.ARCHIVED)
    return ChosenContact(known=one.known, write=write, before=live, read_at=record.hall.now())


def _stays(
    record: Record,
    one: KnownCustomer,
    why: str,
    still_open: tuple[PipelineInvoiceId, ...] = (),
) -> None:
    """Both sides differ: gone in Pipeline, active in Xero."""
    end = ContactEnd(
        known=one,
        outcome=None,
        text=why,
        finding=FindingKind.CONTACT_KEPT,
        still_open=still_open,
    )
    contact_settling.settle(record, end)


def _gone(record: Record, one: KnownCustomer, live: LiveContact | None = None) -> None:
    """Nothing active is left of it in Xero."""
    link = None
    if one.link is not None and live is not None:
        link = contact_links.seen(one.link, live, record.hall.now())
    end = ContactEnd(known=one, outcome=NothingToDo(), link=link, state=CustomerState.ARCHIVED)
    contact_settling.settle(record, end)


async def _still_open(
    hall: Hall, tenant: TenantId, customers: Sequence[PipelineCustomerId]
) -> dict[PipelineCustomerId, dict[PipelineInvoiceId, str]]:
    """These customers' invoices that stand open in Xero, or are to get there, and their numbers."""
    keys = await hall.store.fetch(desired.invoices_of(tenant, customers)) if customers else ()
    if not keys:
        return {}
    read = Transaction()
    wanted = read.add(desired.invoices(tenant, keys))
    linked = read.add(links.invoices(tenant, keys))
    await hall.store.read(read)
    status_of = {link.key: link.xero_status for link in linked.rows}
    choices = hall.policies[tenant]
    found: dict[PipelineCustomerId, dict[PipelineInvoiceId, str]] = {}
    for one in wanted.rows:
        status = status_of.get(one.key)
        if status is None:
            invoice = one.content
            is_open = invoice is not None and policy.in_scope(invoice, choices, linked=False)
        else:
            is_open = contact_archive.is_open(status)
        if is_open and one.parent is not None:
            found.setdefault(one.parent, {})[PipelineInvoiceId(one.key)] = one.label
    return found
