"""The audit trail as a stream over real HTTP: what comes is told once, and a drain ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import anyio
import msgspec
import pytest
from aiohttp import web

from syncd.store import journal
from syncd.store.journal import Entry, RecordType
from syncd.web.api.running import event_stream
from syncd.web.api.running.event_stream import MOST_STREAMS, EventStreams
from syncd.web.http.guard import Operator
from tests.store.build import ACME, AT
from tests.web.support.serving import TOKENS, Served

PATH = "/api/v1/tenants/acme/events"
ENTRY = Entry(
    tenant=ACME,
    at=AT,
    object_type="Invoice",
    object_key="i1",
    record_type=RecordType.EDIT,
    description="first",
    who="Ada",
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "LOOK_EVERY_S", 0.01)


@asynccontextmanager
async def stream(
    served: Served, role: str = "Office", **headers: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    wanted = {"Authorization": f"Bearer {TOKENS[role]}", "Accept": "text/event-stream"}
    url = served.client.base + PATH
    async with served.client.session.get(url, headers=wanted | headers) as answer:
        yield answer


async def told(answer: aiohttp.ClientResponse, count: int) -> list[tuple[str, str]]:
    """So many events: id and description."""
    found: list[tuple[str, str]] = []
    number = ""
    with anyio.fail_after(5):
        while len(found) < count:
            line = (await answer.content.readline()).decode().strip()
            if line.startswith("id:"):
                number = line.removeprefix("id:").strip()
            if line.startswith("data:"):
                said = msgspec.json.decode(line.removeprefix("data:").strip())
                found.append((number, said["description"]))
    return found


async def test_what_is_written_meanwhile_is_told_and_what_was_before_is_not(
    served: Served,
) -> None:
    store = served.desk.store
    await store.run(journal.append([ENTRY]))

    async with stream(served) as answer:
        await store.run(journal.append([replace(ENTRY, description="second")]))
        heard = await told(answer, 1)

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert heard == [("2", "second")]


async def test_who_comes_back_goes_on_where_it_was(served: Served) -> None:
    entries = [replace(ENTRY, description=text) for text in ("a", "b", "c")]
    await served.desk.store.run(journal.append(entries))

    async with stream(served, **{"Last-Event-ID": "1"}) as answer:
        assert await told(answer, 2) == [("2", "b"), ("3", "c")]


async def test_whose_token_a_reload_took_away_is_told_no_more(served: Served) -> None:
    async with stream(served, "Admin") as answer:
        await served.desk.store.run(journal.append([ENTRY]))
        heard = await told(answer, 1)
        others = [one for one in served.operators if one.name != "admin"]
        served.operators[:] = [*others, Operator.of("admin", "Super User", "another-token")]
        await served.desk.store.run(journal.append([replace(ENTRY, description="second")]))
        with anyio.fail_after(5):
            rest = await answer.content.read()

    assert heard == [("1", "first")]
    assert "second" not in rest.decode()


async def test_whom_a_reload_left_as_they_were_is_told_on(served: Served) -> None:
    async with stream(served) as answer:
        served.operators[:] = [one for one in served.operators if one.name == "office"]
        await served.desk.store.run(journal.append([ENTRY]))

        assert await told(answer, 1) == [("1", "first")]


async def test_a_tenant_that_was_removed_is_told_of_no_more(served: Served) -> None:
    async with stream(served) as answer:
        del served.desk.policies[ACME]
        await served.desk.store.run(journal.append([ENTRY]))
        with anyio.fail_after(5):
            rest = await answer.content.read()

    assert "first" not in rest.decode()


async def test_too_many_streams_are_refused_and_a_drain_ends_them() -> None:
    streams = EventStreams()
    scopes = [streams.open() for _ in range(MOST_STREAMS)]

    with pytest.raises(Exception, match="Too many streams"):
        streams.open()
    streams.close(scopes.pop())
    with streams.open() as scope:
        await streams.end(web.Application())
        await anyio.sleep_forever()

    assert scope.cancelled_caught


async def test_a_listing_is_newest_first_by_object_and_person(served: Served) -> None:
    others = [replace(ENTRY, who="Grace", description="hers"), replace(ENTRY, object_key="i2")]
    await served.desk.store.run(journal.append([ENTRY, *others]))

    newest = (await served.client.get(f"{PATH}?order=newest&limit=2", role="Office")).json
    rest = (await served.client.get(f"{PATH}?order=newest&before={newest['last']}")).json
    hers = (await served.client.get(f"{PATH}?order=newest&who=Grace")).json
    its = (await served.client.get(f"{PATH}?order=newest&type=Invoice&object=i2")).json

    assert [one["seq"] for one in (*newest["items"], *rest["items"])] == [3, 2, 1]
    assert rest["last"] == 1
    assert [one["description"] for one in hers["items"]] == ["hers"]
    assert [one["object_id"] for one in its["items"]] == ["i2"]


@pytest.mark.parametrize("query", ["order=up", "before=3", "who=Ada", "order=newest&since=1"])
async def test_parameters_of_the_other_order_are_refused(served: Served, query: str) -> None:
    assert (await served.client.get(f"{PATH}?{query}")).status == 400
