"""The Billing port against the pretend Pipeline, straight and over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import parse_qsl, unquote, urlsplit

import aiohttp
import pytest
from aiohttp import web

from syncd.domain.errors import (
    CursorTooOld,
    Garbled,
    NotFound,
    OutcomeUnknown,
    RemoteError,
    ServerTrouble,
    Throttled,
    TooLong,
    Unauthorised,
)
from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, TenantId
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import PublicState
from syncd.domain.model.result import InvoiceResult, RevisedResult
from syncd.pipeline.billing import PipelineBilling
from syncd.pipeline.client import MOST_BYTES, PipelineClient, PipelineRemote
from syncd.ports.billing import Change, PutOutcome, UnreadableChange
from syncd.ports.transport import HttpRequest, HttpResponse
from syncd.runtime.aiohttp_transport import AiohttpTransport
from syncd.runtime.system_clock import SystemClock
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User

START = 1_795_306_500.0
TENANT = TenantId("demo")


@dataclass
class Straight:
    """The Transport port straight into a pretend Pipeline."""

    world: PipelineWorld
    sent: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        parts = urlsplit(request.url)
        response = self.world.handle(
            Request(
                method=request.method,
                path=unquote(parts.path),
                query=dict(parse_qsl(parts.query)),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.body or b"",
                raw_query=parts.query,
            )
        )
        if response.drop is not None:
            raise OutcomeUnknown(response.drop)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(status=response.status, headers=headers, body=response.body)


@dataclass
class Played:
    """A pretend Pipeline with a customer and an invoice, and the port to it."""

    world: PipelineWorld
    user: User
    billing: PipelineBilling
    customer: PipelineCustomerId
    invoice: PipelineInvoiceId


@pytest.fixture
def played() -> Played:
    world = PipelineWorld(clock=SandboxClock(lambda: START))
    user = User(world)
    made = user({"do": "create_customer", "ref": "C-1", "name": "Harbour Cafe", "email": "a@b.nz"})
    customer = PipelineCustomerId(str(made["id"]))
    line = {"description": "Install", "quantity": "3", "unitAmount": "120.5555", "taxRate": "0.15"}
    invoice = user(
        {"do": "create_invoice", "number": "INV-1", "customerId": customer, "lines": [line]}
    )
    remote = PipelineRemote(
        url="https://app.pipeline.test/api/v1",
        api_key=world.keys["demo"],
        transport=Straight(world),
    )
    billing = PipelineBilling(PipelineClient({TENANT: remote}, clock=SystemClock()))
    return Played(world, user, billing, customer, PipelineInvoiceId(str(invoice["id"])))


def result(own: PipelineInvoiceId, revision: int, state: PublicState) -> RevisedResult:
    return RevisedResult(result=InvoiceResult(id=own, state=state), revision=revision)


async def test_feed_brings_everything_page_by_page(played: Played) -> None:
    first = await played.billing.changes_since(TENANT, None, limit=1)
    second = await played.billing.changes_since(TENANT, first.next_cursor, limit=1)
    end = await played.billing.changes_since(TENANT, second.next_cursor, limit=1)

    (one, two) = (*first.changes, *second.changes)
    assert isinstance(one, Change)
    assert isinstance(two, Change)
    assert isinstance(one.content, Customer)
    assert isinstance(two.content, Invoice)
    assert two.content.lines[0].unit_amount == Decimal("120.5555")
    assert (first.has_more, end.changes, end.has_more) == (True, (), False)


async def test_deleted_invoice_leaves_a_tombstone(played: Played) -> None:
    played.user({"do": "delete", "id": played.invoice})

    page = await played.billing.changes_since(TENANT, None, limit=50)

    assert [one.id for one in page.changes if isinstance(one, Change) and one.content is None]


async def test_cursor_too_old_says_so(played: Played) -> None:
    page = await played.billing.changes_since(TENANT, None, limit=1)
    played.user({"do": "expire_cursors"})

    with pytest.raises(CursorTooOld):
        await played.billing.changes_since(TENANT, page.next_cursor, limit=1)


async def test_a_point_read_that_answers_another_object_is_garbled(played: Played) -> None:
    find, put = f'{{"id":"{played.invoice}"', f'{{"id":"{played.customer}"'
    played.world.faults.set([{"do": "rewritten", "times": None, "find": find, "put": put}])

    with pytest.raises(Garbled, match=f"id: expected {played.invoice}, got {played.customer}"):
        await played.billing.invoice(TENANT, played.invoice)


async def test_point_reads_bring_what_the_feed_brought(played: Played) -> None:
    invoice = await played.billing.invoice(TENANT, played.invoice)
    customer = await played.billing.customer(TENANT, played.customer)

    assert (invoice.id, invoice.customer_id) == (played.invoice, played.customer)
    assert (customer.ref, customer.name) == ("C-1", "Harbour Cafe")


async def test_absent_object_is_not_found(played: Played) -> None:
    with pytest.raises(NotFound):
        await played.billing.invoice(
            TENANT, PipelineInvoiceId("00000000-0000-4000-8000-000000000000")
        )


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"do": "html"}, ServerTrouble),
        ({"do": "html", "status": 404}, ServerTrouble),
        ({"do": "unavailable"}, ServerTrouble),
        ({"do": "drop_before_commit"}, ServerTrouble),
        ({"do": "truncated"}, ServerTrouble),
        ({"do": "throttle", "retry_after": 9}, Throttled),
        ({"do": "not_found"}, NotFound),
    ],
)
async def test_misbehaving_pipeline_is_one_error(
    played: Played, fault: dict[str, object], kind: type[RemoteError]
) -> None:
    played.world.faults.set([fault])

    with pytest.raises(kind):
        await played.billing.invoice(TENANT, played.invoice)


async def test_results_are_stored_and_older_ones_are_stale(played: Played) -> None:
    other = PipelineInvoiceId("00000000-0000-4000-8000-000000000000")

    first = await played.billing.put_results(
        TENANT,
        [
            result(played.invoice, 5, PublicState.SYNCED),
            result(other, 5, PublicState.SYNCED),
        ],
    )
    (second,) = await played.billing.put_results(
        TENANT, [result(played.invoice, 4, PublicState.FAILED)]
    )
    (third,) = await played.billing.put_results(
        TENANT, [result(played.invoice, 6, PublicState.SYNCED)]
    )

    assert [one.outcome for one in first] == [PutOutcome.STORED, PutOutcome.NOT_FOUND]
    assert (second.outcome, second.revision) == (PutOutcome.STALE, 5)
    assert third.outcome is PutOutcome.UNCHANGED


async def test_no_results_are_no_call(played: Played) -> None:
    assert await played.billing.put_results(TENANT, []) == ()


async def test_lost_answer_of_a_put_is_trouble_and_the_put_may_be_repeated(played: Played) -> None:
    played.world.faults.set([{"do": "drop_after_commit"}])
    one = result(played.invoice, 5, PublicState.SYNCED)

    with pytest.raises(ServerTrouble):
        await played.billing.put_results(TENANT, [one])
    (again,) = await played.billing.put_results(TENANT, [one])

    assert again.outcome is PutOutcome.UNCHANGED


async def test_wrong_key_is_unauthorised() -> None:
    world = PipelineWorld(clock=SandboxClock(lambda: START))
    remote = PipelineRemote(url="https://p.test/api/v1", api_key="x", transport=Straight(world))
    billing = PipelineBilling(PipelineClient({TENANT: remote}, clock=SystemClock()))

    with pytest.raises(Unauthorised):
        await billing.changes_since(TENANT, None, limit=1)


async def test_port_works_over_a_real_socket(played: Played) -> None:
    async with over_a_socket(played) as billing:
        page = await billing.changes_since(TENANT, None, limit=50)
        (answer,) = await billing.put_results(
            TENANT, [result(played.invoice, 5, PublicState.SYNCED)]
        )

    assert len(page.changes) == 2
    assert answer.outcome is PutOutcome.STORED


async def test_entry_longer_than_any_answer_is_unreadable_and_the_feed_goes_on(
    played: Played,
) -> None:
    played.user({"tenant": "demo", "do": "create_customer", "ref": "C2", "name": "After it"})
    put = "x" * (MOST_BYTES + 1)
    rule = {"do": "rewritten", "find": "Install", "put": put, "match": {"path": "/changes"}}
    played.world.faults.set([{**rule, "times": None}])
    found: list[Change | UnreadableChange] = []
    cursor = None
    async with over_a_socket(played) as billing:
        with pytest.raises(TooLong):
            await billing.changes_since(TENANT, None, limit=8)
        for _ in range(3):
            page = await billing.changes_since(TENANT, cursor, limit=1)
            found, cursor = [*found, *page.changes], page.next_cursor

    before, long, after = found
    assert isinstance(long, UnreadableChange)
    assert (long.id, long.version) == (played.invoice, 1)
    assert long.problem.startswith("lines[0].description")
    assert isinstance(before, Change)
    assert isinstance(after, Change)
    assert not page.has_more


@asynccontextmanager
async def over_a_socket(played: Played) -> AsyncIterator[PipelineBilling]:
    runner = web.AppRunner(_served(played.world.handle), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        async with AiohttpTransport(aiohttp.TCPConnector()) as transport:
            remote = PipelineRemote(
                url=f"http://127.0.0.1:{port}/api/v1",
                api_key=played.world.keys["demo"],
                transport=transport,
            )
            yield PipelineBilling(PipelineClient({TENANT: remote}, clock=SystemClock()))
    finally:
        await runner.cleanup()


def _served(handle: Callable[[Request], Response]) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        response = handle(
            Request(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await request.read(),
            )
        )
        return web.Response(
            status=response.status,
            headers=response.headers,
            body=response.body,
        )

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    return app
