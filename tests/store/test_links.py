from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from syncd.domain.errors import Conflict
from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactStatus, LiveContact
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.snapshot import Base
from syncd.ports.billing import ChangeKind
from syncd.store import desired, links
from syncd.store.desired import DesiredChange
from syncd.store.links import Link
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, customer, later, snapshot

INVOICE = Link(
    key="i1",
    xero_id="x1",
    is_ours=True,
    xero_status="DRAFT",
    xero_number="INV-1",
    seen_at=AT,
    base=Base(
        pipeline=snapshot(), xero=snapshot("SHOWN"), pairs=(("l1", "x-l1"),), kept=("due_on",)
    ),
    based_at=AT,
    synced_version=4,
)
CONTACT = Link(
    key="c1",
    xero_id="k1",
    is_ours=False,
    xero_status="ACTIVE",
    xero_number="Ada",
    seen_at=AT,
    base=ContactBase(
        pipeline=customer(),
        xero=LiveContact(
            id=XeroContactId("k1"), name="Ada", status=ContactStatus.ACTIVE, updated_at=AT
        ),
    ),
    based_at=AT,
)


async def test_put_reads_back_whole_by_either_id(store: Store) -> None:
    await store.run(links.put_invoices(ACME, [INVOICE]))
    await store.run(links.put_customers(ACME, [CONTACT]))

    assert await store.fetch(links.invoices(ACME, ["i1", "i2"])) == (INVOICE,)
    assert await store.fetch(links.invoices_by_xero(ACME, ["x1"])) == (INVOICE,)
    assert await store.fetch(links.customers(ACME, ["c1"])) == (CONTACT,)
    assert await store.fetch(links.customers_by_xero(ACME, ["k1"])) == (CONTACT,)
    assert await store.fetch(links.invoices(BETA, ["i1"])) == ()
    assert await store.fetch(links.invoices_after(ACME, "", limit=5)) == (INVOICE,)


async def test_document_belongs_to_one_object(store: Store) -> None:
    await store.run(links.put_invoices(ACME, [INVOICE]))

    with pytest.raises(Conflict, match=r"links\.put"):
        await store.run(links.put_invoices(ACME, [replace(INVOICE, key="i2")]))


async def test_merged_contact_makes_room_for_both_customers(store: Store) -> None:
    merged = replace(CONTACT, merged_to="k2")
    await store.run(links.put_customers(ACME, [merged, replace(merged, key="c2")]))

    assert len(await store.fetch(links.customers_by_xero(ACME, ["k1"]))) == 2


async def test_a_deleted_customers_contact_is_handed_over_and_no_living_ones(store: Store) -> None:
    other = replace(CONTACT, key="c2")
    await store.run(links.put_customers(ACME, [CONTACT]))
    await store.run(links.hand_over(ACME, [other]))
    assert await store.fetch(links.owners_of_contacts(ACME, ["k1"])) == (("k1", "c1"),)
    with pytest.raises(Conflict, match=r"links\.put"):
        await store.run(links.put_customers(ACME, [other]))

    gone = DesiredChange(kind=ChangeKind.CUSTOMER, key="c1", version=2, at=AT, by="")
    await store.run(desired.put(ACME, [gone]))
    assert await store.fetch(links.owners_of_contacts(ACME, ["k1"])) == ()
    await store.run(links.hand_over(ACME, [CONTACT, other]))
    await store.run(links.put_customers(ACME, [other]))

    assert await store.fetch(links.owners_of_contacts(ACME, ["k1"])) == (("k1", "c2"),)
    (former,) = await store.fetch(links.customers(ACME, ["c1"]))
    assert former == replace(CONTACT, merged_to="k1")
    assert await store.fetch(links.customers_standing_for(ACME, ["k1"])) == (other,)


async def test_sight_leaves_the_base_alone_and_never_goes_back_in_time(store: Store) -> None:
    await store.run(links.put_invoices(ACME, [INVOICE]))

    def sight(at: datetime) -> tuple[str, str, str, datetime]:
        return ("i1", "AUTHORISED", "INV-9", at)

    await store.run(links.note_read(ACME, ChangeKind.INVOICE, [sight(later(5))]))
    await store.run(links.note_read(ACME, ChangeKind.INVOICE, [sight(later(3))]))

    (found,) = await store.fetch(links.invoices(ACME, ["i1"]))
    assert found == replace(
        INVOICE, xero_status="AUTHORISED", xero_number="INV-9", seen_at=later(5)
    )
