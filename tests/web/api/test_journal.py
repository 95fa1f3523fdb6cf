"""Stories for the office, the journal's proof for admins, erasing for Super Users."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.job import JobState, Reason
from syncd.store import journal
from syncd.store.journal import Entry, RecordType
from tests.engine.support.operating import End
from tests.store.build import ACME, AT, BETA
from tests.web.support.serving import Served

TENANT = "/api/v1/tenants/acme"
VERIFY = "/api/v1/journal/verify"
SAID = Entry(
    tenant=ACME,
    at=AT,
    object_type="Customer",
    object_key="c1",
    record_type=RecordType.EDIT,
    description="Linked: Harbour Build",
    who="Grace Field",
    detail=b'{"what":"held"}',
)


async def test_story_is_told_to_the_office(served: Served) -> None:
    held = End(state=JobState.HELD, reason=Reason.CONTACT_UNMAPPED, note="No contact.")
    await served.desk.seed({"i1": held})

    answer = await served.client.get(f"{TENANT}/invoices/i1/explain", role="Office")
    missing = await served.client.get(f"{TENANT}/invoices/nothing/explain")

    assert (answer.status, missing.status) == (200, 404)
    story = answer.json
    assert (story["id"], story["state"], story["unread"]) == ("i1", "waiting", None)
    assert "Link the customer" in story["you_can"]
    assert [one["where"] for one in story["sentences"]] == ["Pipeline"]


async def test_events_are_a_tenants_own_and_paged_by_number(served: Served) -> None:
    entries = [SAID, replace(SAID, tenant=BETA), replace(SAID, detail=None)]
    await served.desk.store.run(journal.append(entries))

    first = await served.client.get(f"{TENANT}/events?limit=2", role="Office")
    rest = await served.client.get(f"{TENANT}/events?since={first.json['last']}")
    end = await served.client.get(f"{TENANT}/events?since={rest.json['last']}")

    assert [one["seq"] for one in first.json["items"]] == [first.json["last"] - 1]
    assert first.json["items"][0]["detail"] == {"what": "held"}
    assert [one["detail"] for one in rest.json["items"]] == [None]
    assert end.json == {"items": [], "last": rest.json["last"]}


@pytest.mark.parametrize("since", ["x", "-1", "9" * 40])
async def test_since_is_a_number(served: Served, since: str) -> None:
    assert (await served.client.get(f"{TENANT}/events?since={since}")).status == 400


async def test_chain_is_proved_to_admins_and_its_head_may_be_noted(served: Served) -> None:
    await served.desk.store.run(journal.append([SAID]))

    answer = await served.client.get(VERIFY, role="Admin")
    head = answer.json["head"]
    await served.desk.store.run(journal.append([SAID]))
    noted = await served.client.get(f"{VERIFY}?noted={head}")
    foreign = await served.client.get(f"{VERIFY}?noted=1:00ff")
    wrong = [
        (await served.client.get(f"{VERIFY}?noted={odd}")).status
        for odd in ("word", "99999999999999999999:00", "-1:00", "1:0", "²:00")
    ]
    beyond = await served.client.get(f"{VERIFY}?since=999999999999999999")

    assert answer.json["complete"]
    assert answer.json["fault"] is None
    assert noted.json["fault"] is None
    assert foreign.json["fault"]["seq"] == 1
    assert wrong == [400] * 5
    assert beyond.json["entries"] == 2
    assert "ends before" in beyond.json["fault"]["text"]
    assert (await served.client.get(VERIFY, role="Office")).status == 403


async def test_erasing_is_a_super_users_and_leaves_a_chain_that_fits(served: Served) -> None:
    await served.desk.store.run(journal.append([SAID, replace(SAID, object_key="c2")]))
    path = f"{TENANT}/journal/erase"

    refused = await served.client.post(path, {"customer": "c1"}, role="Admin")
    customer = await served.client.post(path, {"customer": "c1"})
    person = await served.client.post(path, {"who": "Grace Field"})
    checked = await served.client.get(VERIFY)
    told = await served.client.get(f"{TENANT}/events")

    assert refused.status == 403
    assert (customer.json, person.json) == ({"erased": 1}, {"erased": 1})
    assert checked.json["fault"] is None
    assert b"Grace" not in told.body


@pytest.mark.parametrize("body", [{}, {"who": ""}, {"who": "x"}, {"who": "Ada", "invoice": "i1"}])
async def test_erasing_names_one(served: Served, body: dict[str, str]) -> None:
    assert (await served.client.post(f"{TENANT}/journal/erase", body)).status == 400
