"""The emulated Pipeline meets the contract, and each of twenty faults of a server is a line."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import reduce
from http import HTTPStatus
from typing import Any

from syncd.lab.conformance import notes
from syncd.lab.conformance.examine import Listener, examine
from syncd.lab.conformance.expectations import Line, Verdict
from syncd.runtime.aiohttp_transport import tcp_transport
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response
from syncd.sandbox.pipeline.app import BASE, PipelineWorld
from syncd.sandbox.serve import serve_worlds
from syncd.sandbox.user import User
from syncd.sandbox.xero.server.app import XeroWorld

RATE = 10.0
"""World seconds to a second: a note comes again after five of them."""
LIMIT = 150
Handle = Callable[[Request], Response]
Fault = Callable[[Handle], Handle]


class FaultyWorld(PipelineWorld):
    """A Pipeline whose answers pass through the faults planted in it."""

    planted: tuple[Fault, ...] = ()

    def handle(self, request: Request) -> Response:
        own: Handle = super().handle
        return reduce(lambda inner, fault: fault(inner), self.planted, own)(request)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A Pipeline with customers, invoices and deleted ones of both."""

    world: FaultyWorld
    clock: SandboxClock
    customer: str
    old_cursor: str

    async def examined(self, url: str, *, secret: str | None = None) -> dict[str, Line]:
        """What comes of every expectation."""
        (own,) = self.world.webhook_secrets.values()
        listener = Listener(
            host="127.0.0.1",
            port=0,
            key=notes.key_of(secret or own),
            wait_s=3.0,
            say=lambda port: self.world.webhooks.aim(
                f"http://127.0.0.1:{port}/webhooks/pipeline/{{tenant}}"
            ),
        )
        transport = tcp_transport("pipeline")
        try:
            lines = await examine(
                transport,
                url=url + BASE,
                key=next(iter(self.world.keys.values())),
                customer=self.customer,
                old_cursor=self.old_cursor,
                listener=listener,
                wait=self.passes,
            )
        finally:
            await transport.close()
        return {one.name: one for one in lines}

    async def passes(self, seconds: float) -> None:
        """World time passes."""
        self.clock.advance(seconds)


@asynccontextmanager
async def staged(*planted: Fault) -> AsyncIterator[tuple[Stage, str]]:
    """A served Pipeline with these faults, and its address."""
    clock = SandboxClock(time.time)
    clock.set_rate(RATE)
    world = FaultyWorld(clock=clock, switches={"rate_limit": LIMIT, "repeat_entries": 0.3})
    world.planted = planted
    user = User(world)
    asked = Request(
        method="GET",
        path=f"{BASE}/changes",
        headers={"authorization": f"Bearer {world.keys['demo']}"},
    )
    old = json.loads(PipelineWorld.handle(world, asked).body)["nextCursor"]
    user({"do": "expire_cursors"})
    customers = [
        user({"do": "create_customer", "ref": f"C-{at}", "name": f"Customer {at}"})["id"]
        for at in range(6)
    ]
    user({"do": "edit_customer", "id": customers[0], "set": {"phone": "1"}})
    line = {"description": "Work", "quantity": 2, "unitAmount": 10, "taxRate": 0}
    for at in range(8):
        clock.advance(2)
        more = {"number": f"INV-{at}", "customerId": customers[at % 4], "lines": [line]}
        user({"do": "create_invoice", "invoiceDate": "2026-11-20", **more})
    user({"do": "edit_invoice", "number": "INV-1", "set": {"reference": "PO 1"}})
    user({"do": "edit_invoice", "number": "INV-3", "set": {"reference": "PO 3"}})
    user({"do": "delete", "number": "INV-3"})
    user({"do": "delete_customer", "id": customers[5]})
    clock.advance(2)
    async with serve_worlds(
        xero=XeroWorld(clock=clock), pipeline=world, webhooks_poll_s=0.02
    ) as served:
        stage = Stage(world=world, clock=clock, customer=customers[0], old_cursor=old)
        yield stage, served.pipeline_url


def failing(lines: Mapping[str, Line]) -> set[str]:
    return {one.name for one in lines.values() if one.verdict is Verdict.NOT_MET}


async def test_emulated_pipeline_meets_every_expectation() -> None:
    async with staged() as (stage, url):
        lines = await stage.examined(url)

    assert {one.name: one.got for one in lines.values() if one.verdict is not Verdict.MET} == {}


# --- the faults of a first server


def _changes_json(path: str, change: Callable[[Any, Request], Any]) -> Fault:
    """A fault in what is said at paths that contain this."""

    def fault(inner: Handle) -> Handle:
        def handle(request: Request) -> Response:
            response = inner(request)
            if path not in request.path or response.status != HTTPStatus.OK:
                return response
            said = change(json.loads(response.body), request)
            return replace(response, body=json.dumps(said).encode())

        return handle

    return fault


def _of_invoices(change: Callable[[dict[str, Any]], None]) -> Fault:
    """A fault in every invoice, wherever it is shown."""

    def in_all(said: Any, _: Request) -> Any:
        rows = said.get("items", [each["data"] for each in said.get("changes", ())])
        for row in (*rows, said):
            if row is not None and "lines" in row:
                change(row)
        return said

    return _changes_json(BASE, in_all)


def _asks(parameter: str, *, instead: Mapping[str, str] | None = None) -> Fault:
    """A fault that reads a parameter as another, or not at all."""

    def fault(inner: Handle) -> Handle:
        def handle(request: Request) -> Response:
            query = {name: value for name, value in request.query.items() if name != parameter}
            if parameter in request.query:
                query |= instead or {}
            return inner(replace(request, query=query))

        return handle

    return fault


def lets_anybody_in(inner: Handle) -> Handle:
    def handle(request: Request) -> Response:
        response = inner(request)
        if "authorization" in request.headers or response.status != HTTPStatus.UNAUTHORIZED:
            return response
        names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
        return replace(response, status=200, headers=dict.fromkeys(names, str(int(time.time()))))

    return handle


def problems_are_plain_json(inner: Handle) -> Handle:
    def handle(request: Request) -> Response:
        response = inner(request)
        kind = response.headers["Content-Type"].replace("problem+json", "json")
        return replace(response, headers={**response.headers, "Content-Type": kind})

    return handle


def reset_counts_down(inner: Handle) -> Handle:
    def handle(request: Request) -> Response:
        response = inner(request)
        if "X-RateLimit-Reset" not in response.headers:
            return response
        return replace(response, headers={**response.headers, "X-RateLimit-Reset": "42"})

    return handle


def limit_says_no_wait(inner: Handle) -> Handle:
    def handle(request: Request) -> Response:
        response = inner(request)
        headers = {name: each for name, each in response.headers.items() if name != "Retry-After"}
        return replace(response, headers=headers)

    return handle


def old_cursor_begins_anew(inner: Handle) -> Handle:
    def handle(request: Request) -> Response:
        response = inner(request)
        if response.status != HTTPStatus.GONE:
            return response
        return inner(replace(request, query={}))

    return handle


def unknown_is_an_error(inner: Handle) -> Handle:
    def handle(request: Request) -> Response:
        response = inner(request)
        is_unknown = response.status == HTTPStatus.NOT_FOUND and "00000000-" in request.path
        if not is_unknown:
            return response
        body = response.body.replace(b'"status":404', b'"status":400')
        return replace(response, status=400, body=body)

    return handle


def never_ends(said: Any, request: Request) -> Any:
    is_end = not said["changes"] and "cursor" in request.query
    return {**said, "hasMore": True} if is_end else said


def deleted_shows_late(said: Any, _: Request) -> Any:
    """Only the entry of the deletion itself says it."""
    for one in said["changes"]:
        if one["kind"] == "invoice" and one["deleted"] and one["version"] == 1:
            one["deleted"] = False
    return said


def data_is_anothers(said: Any, _: Request) -> Any:
    for one in said["changes"]:
        if one["version"] == 2 and one["data"]:
            one["version"] = 3
    return said


def listed_backwards(said: Any, _: Request) -> Any:
    return {**said, "items": said["items"][::-1]} if "items" in said else said


def says_stored(was: str) -> Callable[[Any, Request], Any]:
    def change(said: Any, request: Request) -> Any:
        results = json.loads(request.body)["results"]
        for sent, one in zip(results, said["results"], strict=True):
            if one["outcome"] == was and sent["reason"] in ("older", "late"):
                one["outcome"] = "stored"
        return said

    return change


def forgets_the_last_answer(said: Any, _: Request) -> Any:
    return {"results": said["results"][:-1] if len(said["results"]) > 1 else said["results"]}


def text_amount(row: dict[str, Any]) -> None:
    row["nett"] = str(row["nett"])


def dated_to_the_second(row: dict[str, Any]) -> None:
    row["invoiceDate"] += "T00:00:00"


def paid(row: dict[str, Any]) -> None:
    row["status"] = "Paid"


def without_kind_of_amounts(row: dict[str, Any]) -> None:
    row.pop("lineAmountTypes", None)


def long_reference(row: dict[str, Any]) -> None:
    row["reference"] = "x" * 256


FAULTS: dict[str, Fault] = {
    "access.no_key": lets_anybody_in,
    "problem.form": problems_are_plain_json,
    "limits.reset": reset_counts_down,
    "limits.retry_after": limit_says_no_wait,
    "feed.limit": _asks("limit", instead={"limit": "4"}),
    "feed.end": _changes_json("/changes", never_ends),
    "feed.old_cursor": old_cursor_begins_anew,
    "feed.from": _asks("from"),
    "feed.deleted": _changes_json("/changes", deleted_shows_late),
    "feed.data": _changes_json("/changes", data_is_anothers),
    "form.numbers": _of_invoices(text_amount),
    "form.dates": _of_invoices(dated_to_the_second),
    "form.words": _of_invoices(paid),
    "form.required": _of_invoices(without_kind_of_amounts),
    "form.types": _of_invoices(long_reference),
    "read.unknown": unknown_is_an_error,
    "list.ids": _asks("ids"),
    "list.since": _asks("updatedSince"),
    "write.older": _changes_json("/sync-results", says_stored("stale")),
    "write.conflict": _changes_json("/sync-results", says_stored("conflict")),
}
"""Twenty faults a first server may have, by the line each is found under."""


async def test_twenty_faults_are_twenty_lines() -> None:
    async with staged(*FAULTS.values()) as (stage, url):
        lines = await stage.examined(url)

    assert failing(lines) == set(FAULTS)
    assert len(FAULTS) == 20
    assert all(lines[name].got and lines[name].expected for name in FAULTS)


async def test_order_and_missing_answers_are_told() -> None:
    planted = _changes_json("/customers", listed_backwards)
    lacking = _changes_json("/sync-results", forgets_the_last_answer)
    async with staged(planted, lacking) as (stage, url):
        lines = await stage.examined(url)

    assert {"list.order", "write.order"} <= failing(lines)


async def test_notes_that_are_signed_otherwise_or_never_come_again_are_told() -> None:
    async with staged() as (stage, url):
        stage.world.webhooks.answered = lambda *_: None  # type: ignore[method-assign]  # a sender that gives up
        lines = await stage.examined(url, secret="whsec_c29tZWJvZHkgZWxzZQ==")

    assert failing(lines) == {"notes.signature", "notes.again"}


async def test_nothing_is_written_unless_a_customer_is_named() -> None:
    async with staged() as (stage, url):
        before = stage.world.dump()
        transport = tcp_transport("pipeline")
        key = next(iter(stage.world.keys.values()))
        lines = await examine(transport, url=url + BASE, key=key, most_calls=60)
        await transport.close()

        calls = stage.world.tenants["demo"].calls

    assert "putSyncResults" not in calls
    assert stage.world.dump()["tenants"]["demo"]["results"] == before["tenants"]["demo"]["results"]
    unlooked = {one.name for one in lines if one.verdict is Verdict.NOT_LOOKED_AT}
    assert {"write.stored", "notes.come", "feed.old_cursor", "limits.retry_after"} <= unlooked
