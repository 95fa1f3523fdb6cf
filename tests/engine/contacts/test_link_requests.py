"""An operator's wish is kept until it is forgotten, and says what is looked for or made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import PostalAddress
from syncd.engine.contacts import link_requests
from syncd.engine.contacts.link_requests import LinkRequest, Particulars
from tests.engine.support.operating import desk
from tests.store.build import ACME, BETA, customer

CUSTOMER = customer("c1", name="Ada")
KEY = PipelineCustomerId("c1")
LINK = LinkRequest(link_to=XeroContactId("x-1"))
CREATE = LinkRequest(create=Particulars(company_name="Ada Ltd"))


async def test_the_newest_wish_stands_until_it_is_forgotten() -> None:
    async with desk() as at:
        await at.store.run(link_requests.keep(ACME, KEY, LINK))
        await at.store.run(link_requests.keep(ACME, KEY, CREATE))

        (stored,) = await at.store.fetch(link_requests.of(ACME, KEY))
        assert link_requests.read(stored) == CREATE
        assert await at.store.fetch(link_requests.of(BETA, KEY)) == ()
        await at.store.run(link_requests.forget(ACME, KEY))
        assert await at.store.fetch(link_requests.of(ACME, KEY)) == ()


def test_without_a_wish_the_customer_is_asked_for_as_it_is() -> None:
    assert link_requests.asked_for(CUSTOMER, None) == CUSTOMER


def test_a_link_is_looked_for_as_if_the_user_had_set_it() -> None:
    found = link_requests.asked_for(CUSTOMER, LINK)

    assert found == replace(CUSTOMER, xero_contact_id=XeroContactId("x-1"))


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (Particulars(), PostalAddress(line1="Quay 1", line2="Floor 2", city="Napier")),
        (Particulars(city="Otago"), PostalAddress(line1="Quay 1", line2="Floor 2", city="Otago")),
        (Particulars(postal_address="Box 7"), PostalAddress(line1="Box 7", city="Napier")),
        (
            Particulars(postal_address="Box 7", city="Otago"),
            PostalAddress(line1="Box 7", city="Otago"),
        ),
    ],
)
def test_what_is_typed_stands_in_place_of_what_pipeline_has(
    typed: Particulars, address: PostalAddress
) -> None:
    own = replace(
        CUSTOMER,
        email="a@ada.test",
        postal_address=PostalAddress(line1="Quay 1", line2="Floor 2", city="Napier"),
    )

    found = link_requests.asked_for(own, LinkRequest(create=replace(typed, company_name="Ada Ltd")))

    assert (found.name, found.email, found.postal_address) == ("Ada Ltd", "a@ada.test", address)
