"""Reads contacts by id to where their merges end, and says whose they are.

Shared by the rounds of linked and of unlinked customers.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import StepKind
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Transient
from syncd.engine.contacts import link_changes, loaded_customer, settle
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core import unreadable_rows
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import write_ahead
from syncd.ports.billing import ChangeKind
from syncd.ports.rows import Rows, Unread
from syncd.store import desired, intents, links
from syncd.store.unit_of_work import Transaction

_MERGES_FOLLOWED = 10


async def to_the_end(
    context: SyncContext, tenant: TenantId, ids: Iterable[XeroContactId]
) -> Rows[LiveContact]:
    """These contacts and all they were merged into, read now. Raises RemoteError's leaves."""
    found: dict[XeroContactId, LiveContact] = {}
    unread: list[Unread] = []
    wanted = list(dict.fromkeys(ids))
    for _ in range(_MERGES_FOLLOWED):
        if not wanted:
            break
        read = await context.ledger.contacts_by_id(tenant, wanted, lane=Lane.WRITE)
        found.update({one.id: one for one in read})
        unread += read.unread
        ends = [one.merged_to for one in read if one.merged_to is not None]
        wanted = [each for each in dict.fromkeys(ends) if each not in found]
    return Rows(found.values(), unread)


def is_unread(
    changeset: ChangeSet, loaded: LoadedCustomer, link: ContactLink, found: Rows[LiveContact]
) -> bool:
    """Whether nothing is concluded from what was read of a link's contact; then it is set aside.

    It is there and cannot be read, or Xero took it so lately that it need not be shown yet.
    """
    target = link_changes.target(link)
    if found.get(target) is not None:
        return False
    problem = found.may_hide(target)
    if problem:
        set_aside(changeset, loaded, problem)
        return True
    is_early = write_ahead.was_agreed_lately(changeset.context, link)
    if is_early:
        ended = Transient(why="Xero does not show its contact yet.")
        settle.settle(changeset, ContactEnd(loaded=loaded, outcome=ended))
    return is_early


def set_aside(changeset: ChangeSet, loaded: LoadedCustomer, problem: str) -> None:
    """A contact that may be the customer's cannot be read: nothing is concluded, and it waits."""
    ended = Transient(why=unreadable_rows.in_words(problem, unreadable_rows.CONTACT))
    settle.settle(changeset, ContactEnd(loaded=loaded, outcome=ended))


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
