"""One customer in full: Pipeline's particulars, the candidates by name, what waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactCandidate, ContactStatus
from syncd.domain.model.job import JobState, Reason
from syncd.engine.contacts.link_requests import LinkRequest, Particulars
from syncd.engine.operator import contact_details, statuses
from syncd.engine.operator.pages import ListQuery
from syncd.engine.operator.statuses import ObjectStatus
from syncd.store.views import ObjectRow
from tests.engine.operator.test_needs import KIWI, UNMAPPED, hold_customer
from tests.engine.support.coming_back import Coming, play
from tests.engine.support.held import WAITS
from tests.engine.support.operating import SYNCED, Desk, desk
from tests.store.build import ACME
from tests.xero.support.worlds import TENANT

TWO = (
    ContactCandidate(
        id=XeroContactId("x1"), name="Kiwi Plumbing", status=ContactStatus.ACTIVE, email="o@k.nz"
    ),
    ContactCandidate(
        id=XeroContactId("x2"), name="Kiwi", status=ContactStatus.ARCHIVED, owner="c9"
    ),
)


@pytest.fixture
async def at() -> AsyncIterator[Desk]:
    async with desk() as found:
        yield found


async def test_a_customer_is_shown_with_its_candidates_and_what_waits(at: Desk) -> None:
    await at.seed({"a": UNMAPPED, "b": UNMAPPED, "c": SYNCED})
    await hold_customer(at, JobState.HELD, Reason.CONTACT_UNMAPPED, detail=msgspec.json.encode(TWO))

    found = await at.operations.contact(ACME, "c1")
    page = await at.operations.contacts(ACME, ListQuery(limit=9))
    waiting = await at.operations.invoices(ACME, ListQuery(limit=9, cause=KIWI.text))

    assert found is not None
    assert found.candidates == TWO
    assert found.customer is not None
    assert found.customer.name == "Kiwi Plumbing"
    assert found.status.waiting_invoices == page.items[0].waiting_invoices == 2
    assert [one.row.label for one in found.waiting] == ["A", "B"]
    assert [one.row.label for one in waiting.items] == ["A", "B"]
    assert "two fit" not in repr(found.candidates)


async def test_what_was_ordered_is_shown_until_it_is_carried_out(at: Desk) -> None:
    await at.seed_customer("c1")
    order = LinkRequest(create=Particulars(city="Napier"))
    await at.operations.request_link(ACME, msgspec.convert("c1", str), order, "Ada")

    found = await at.operations.contact(ACME, "c1")

    assert found is not None
    assert found.link_request == order
    assert found.history[0].description == "Create in Xero & Link asked for"


async def test_a_customer_out_of_scope_is_not_there(at: Desk) -> None:
    assert await at.operations.contact(ACME, "stranger") is None


def _shown(row: ObjectRow) -> ObjectStatus:
    return statuses.shown(row, None)


@pytest.mark.parametrize("reason", [Reason.CONTACT_NAME_TAKEN, Reason.CONTACT_ARCHIVED])
def test_a_round_keeps_the_contacts_in_its_way_by_name(reason: Reason) -> None:
    async def story(coming: Coming) -> None:
        await WAITS[reason].into(coming)
        (customer,) = coming.rounds.pipeline.tenants[TENANT].books.ids("customer")

        found = await contact_details.of(coming.context, TENANT, customer, _shown)

        assert found is not None
        assert found.candidates
        assert all(one.name and one.id for one in found.candidates)
        assert found.status.waiting_invoices == len(found.waiting) == 1

    play(story)
