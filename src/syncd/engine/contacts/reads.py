"""Reads contacts by id to where their merges end, and says whose they are, and whom that concerns.

Shared by the rounds of linked and of unlinked customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import StepKind
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Transient
from syncd.engine.contacts import end, link_changes, loaded_customer
from syncd.engine.contacts.end import ChosenContact, ContactEnd, CustomerDecision
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import write_ahead
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ContactReads
from syncd.ports.rows import Rows, Unread
from syncd.store import desired, intents, links
from syncd.store.unit_of_work import Transaction

D = TypeVar("D")
_MERGES_FOLLOWED = 10


async def to_the_end(
    ledger: ContactReads, tenant: TenantId, ids: Iterable[XeroContactId]
) -> Rows[LiveContact]:
    """These contacts and all they were merged into, read now. Raises RemoteError's leaves."""
    found: dict[XeroContactId, LiveContact] = {}
    unread: list[Unread] = []
    wanted = list(dict.fromkeys(ids))
    for _ in range(_MERGES_FOLLOWED):
        if not wanted:
            break
        read = await ledger.contacts_by_id(tenant, wanted, lane=Lane.WRITE)
        found.update({one.id: one for one in read})
        unread += read.unread
        ends = [one.merged_to for one in read if one.merged_to is not None]
        wanted = [each for each in dict.fromkeys(ends) if each not in found]
    return Rows(found.values(), unread)


def unread_end(
    context: SyncContext, loaded: LoadedCustomer, link: ContactLink, found: Rows[LiveContact]
) -> ContactEnd | None:
    """The end of a customer of whose contact nothing is concluded; None where it was read.

    It is there and cannot be read, or Xero took it so lately that it need not be shown yet.
    """
    target = link_changes.target(link)
    if found.get(target) is not None:
        return None
    problem = found.may_hide(target)
    if problem:
        return end.set_aside(loaded, problem)
    if write_ahead.was_agreed_lately(context, link):
        early = Transient(why="Xero does not show its contact yet.")
        return ContactEnd(loaded=loaded, outcome=early)
    return None


async def owners_seen(
    context: SyncContext, tenant: TenantId, contacts: Rows[LiveContact]
) -> dict[XeroContactId, str]:
    """`loaded_customer.owners`, and whom a write of no certain outcome yet was for, by contact.

    Until that is known no link says so: a new one has its mark, another one the write itself.
    """
    found = await loaded_customer.owners(context, tenant, [one.id for one in contacts])
    numbers = {one.number: one.id for one in contacts if one.number and one.id not in found}
    others = [one.id for one in contacts if one.id not in found]
    if not others:
        return found
    read = Transaction()
    making = read.add(intents.open_by_keys(tenant, ChangeKind.CUSTOMER, numbers))
    written = read.add(intents.open_on(tenant, ChangeKind.CUSTOMER, others))
    await context.store.read(read)
    made = {numbers[each.key]: each.key for each in making.rows if each.step is StepKind.CREATE}
    return found | made | {XeroContactId(each): key for each, key in written.rows}


async def marked(
    context: SyncContext, tenant: TenantId, contacts: Iterable[LiveContact]
) -> dict[XeroContactId, str]:
    """Whose mark each of these contacts bears, of customers known here without a contact.

    No link says so of one whose link a restored store has forgotten.
    """
    marks = {one.number: one.id for one in contacts if one.number}
    if not marks:
        return {}
    read = Transaction()
    known = read.add(desired.customers(tenant, marks))
    linked = read.add(links.customers(tenant, marks))
    await context.store.read(read)
    elsewhere = {link.key for link in linked.rows}
    return {marks[one.key]: one.key for one in known.rows if one.key not in elsewhere}


async def with_neighbours(
    context: SyncContext, tenant: TenantId, decided: Sequence[D]
) -> Sequence[D]:
    """The same, each with those whom its coming to a contact, or leaving one, concerns.

    A contact stands for several customers after a merge; whose it is alone changes with who leaves,
    and nothing of that moves in Xero. Raises StoreError.
    """
    moves = {each for one in decided for each in _moves(one)}
    if not moves:
        return decided
    found = await context.store.fetch(links.customers_standing_for(tenant, sorted(moves)))
    return [_noted(one, found) for one in decided]


def _noted(one: D, found: Sequence[ContactLink]) -> D:
    if not isinstance(one, CustomerDecision):
        return one
    moves = set(_moves(one))
    keys = [link.key for link in found if link_changes.target(link) in moves]
    return replace(one, neighbours=tuple(key for key in keys if key != one.loaded.job.key))


def _moves(one: object) -> Iterator[XeroContactId]:
    """The contact that its customer leaves, and the one that becomes its own."""
    if not isinstance(one, CustomerDecision):
        return
    link = one.loaded.link
    before = None if link is None else link_changes.target(link)
    after, is_own = before, True
    if one.link is not None:
        after, is_own = link_changes.target(one.link), one.link.merged_to is None
    elif isinstance(one, ChosenContact) and one.xero_id is not None:
        after = one.xero_id
    if after == before:
        return
    if before is not None:
        yield before
    if after is not None and is_own:
        yield after
