"""`syncd contacts list / link / create`."""

from __future__ import annotations

import json

import msgspec
import pytest

from syncd.cli.commands.contacts import ContactFields, create, link, list_contacts, show_contact
from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.job import JobState, Reason
from syncd.engine.contacts import link_requests
from syncd.engine.contacts.link_requests import LinkRequest, Particulars
from tests.cli.commanding import Commanded
from tests.engine.operator.test_contact_details import TWO
from tests.engine.operator.test_needs import UNMAPPED, hold_customer
from tests.store.build import ACME

CONTACT = "7a2b9f7c-0d9e-4c55-9a55-2f0d0a5a1b11"


async def link_request(commanded: Commanded) -> LinkRequest:
    (stored,) = await commanded.desk.store.fetch(link_requests.of(ACME, PipelineCustomerId("c1")))
    return link_requests.read(stored)


async def test_list_shows_customers_of_every_tenant(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed_customer("c1")

    await list_contacts(json=True, daemon=commanded.daemon)

    (row,) = json.loads(capsys.readouterr().out)
    assert (row["tenant"], row["id"], row["xero_contact_id"]) == ("acme", "c1", None)


@pytest.mark.parametrize("customer", ["c1", "Ada & Söhne"])
async def test_link_takes_a_name_or_an_id(
    commanded: Commanded, capsys: pytest.CaptureFixture[str], customer: str
) -> None:
    await commanded.desk.seed_customer("c1")

    await link(customer, CONTACT, daemon=commanded.daemon)

    assert await link_request(commanded) == LinkRequest(link_to=XeroContactId(CONTACT))
    assert "Ordered for Ada & Söhne; it is pending." in capsys.readouterr().out


async def test_create_sends_only_what_was_typed(commanded: Commanded) -> None:
    await commanded.desk.seed_customer("c1")

    new = ContactFields(company_name="Ada Ltd")
    await create("c1", particulars=new, json=True, daemon=commanded.daemon)

    assert await link_request(commanded) == LinkRequest(create=Particulars(company_name="Ada Ltd"))


async def test_unknown_and_doubtful_customers_end_the_command(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed_customer("c1")
    await commanded.desk.seed_customer("c2")

    for customer, word in (("Nobody", "No customer"), ("Ada & Söhne", "2 customers")):
        with pytest.raises(SystemExit) as ended:
            await create(customer, daemon=commanded.daemon)
        assert ended.value.code == 1
        assert word in capsys.readouterr().err


async def test_a_customer_is_shown_with_who_it_could_be(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": UNMAPPED})
    await hold_customer(
        commanded.desk, JobState.HELD, Reason.CONTACT_UNMAPPED, detail=msgspec.json.encode(TWO)
    )

    await show_contact("Kiwi Plumbing", daemon=commanded.daemon)
    shown = capsys.readouterr().out
    await show_contact("c1", json=True, daemon=commanded.daemon)
    whole = json.loads(capsys.readouterr().out)

    assert "o@k.nz" in shown
    assert "Waiting: A." in shown
    assert [one["contact_id"] for one in whole["candidates"]] == ["x1", "x2"]
