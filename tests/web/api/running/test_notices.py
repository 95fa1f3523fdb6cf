"""Webhooks over real HTTP: newest first, by page, with how they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.store import notices
from syncd.store.unit_of_work import Transaction
from tests.engine.support.operating import SYNCED
from tests.store.build import ACME, AT
from tests.store.test_inbox import EVENT, keep
from tests.web.support.serving import Served

PATH = "/api/v1/tenants/acme/webhooks"


async def test_notices_are_listed_page_by_page(served: Served) -> None:
    await served.desk.seed({"a": SYNCED})
    await served.desk.link("a")
    for number in range(3):
        await keep(served.desk.store, replace(EVENT, sequence=number, resource_id=f"x-{number}"))
    await keep(served.desk.store, replace(EVENT, sequence=9, resource_id="x-a"))

    first = (await served.client.get(f"{PATH}?limit=3", role="Office")).json
    rest = (await served.client.get(f"{PATH}?limit=3&before={first['next_before']}")).json

    assert [one["label"] for one in first["items"]] == ["A", None, None]
    assert first["items"][0]["id"] == "a"
    assert (first["items"][0]["category"], first["items"][0]["verdict"]) == ("INVOICE", None)
    assert len(rest["items"]) == 1
    assert rest["next_before"] is None


async def test_the_standing_names_misses_and_sweeps(served: Served) -> None:
    await served.desk.seed({"a": SYNCED})
    await served.desk.link("a")
    tx = Transaction()
    tx.add_all(notices.note_missed(ACME, ["x-a"], AT))
    await served.desk.store.commit(tx)

    found = (await served.client.get(f"{PATH}/standing", role="Office")).json

    assert found["missed"] == [
        {
            "noticed_at": "2026-11-22T12:00:00Z",
            "xero_id": "x-a",
            "kind": "invoice",
            "id": "a",
            "label": "A",
        }
    ]
    assert (found["last_xero_at"], found["gaps"], found["sweeps"]) == (None, [], [])


@pytest.mark.parametrize("query", ["source=mail", "verdict=lost", "before=x"])
async def test_what_is_not_known_is_refused_with_what_is(served: Served, query: str) -> None:
    answer = await served.client.get(f"{PATH}?{query}")

    assert answer.status == 400
    assert query.partition("=")[0] in answer.json["detail"]
