"""Over real sockets: compressed answers, and a connection that dies after the commit."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal

import aiohttp
import pytest
from aiohttp import web

from syncd.domain.errors import OutcomeUnknown
from syncd.ports.ledger import ElementApplied
from syncd.runtime.aiohttp_transport import AiohttpTransport
from syncd.sandbox.http import Request
from syncd.sandbox.xero.server.app import XeroWorld
from syncd.xero.client import XeroClient
from syncd.xero.ledger import XeroLedger
from tests.xero.support import invoices
from tests.xero.support.worlds import TENANT, Connected, Lane, connect


@contextlib.asynccontextmanager
async def served(world: XeroWorld) -> AsyncIterator[tuple[str, list[str]]]:
    """The pretend Xero on a port, and the lines of what arrived there."""
    arrived: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        arrived.append(f"{request.method} {request.path}")
        response = world.handle(
            Request(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await request.read(),
                raw_query=request.query_string,
            )
        )
        if response.drop is not None and request.transport is not None:
            request.transport.abort()
        written = web.Response(status=response.status, headers=response.headers, body=response.body)
        written.enable_compression(web.ContentCoding.gzip)
        return written

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", arrived
    finally:
        await runner.cleanup()


def over_http(xero: Connected, transport: AiohttpTransport, url: str) -> XeroLedger:
    client = XeroClient(
        transport,
        api_url=url,
        tokens=xero.tokens,
        clock=xero.clock,
        quota=xero.quota,
        on_call=xero.calls.append,
    )
    return XeroLedger(client, clock=xero.clock)


async def test_write_lost_after_its_commit_is_sent_once_and_found_by_its_number() -> None:
    xero = await connect()
    contact = await xero.contact()
    async with (
        served(xero.world) as (url, arrived),
        AiohttpTransport(aiohttp.TCPConnector(), system="xero") as transport,
    ):
        ledger = over_http(xero, transport, url)
        await ledger.contacts_by_id(TENANT, [contact], lane=Lane.WRITE)  # keeps a connection alive
        write = invoices.create(contact_id=contact)
        (call,) = ledger.prepare_invoices([write])
        xero.world.faults.set([{"do": "drop_after_commit", "match": {"method": "PUT"}}])

        with pytest.raises(OutcomeUnknown):
            await ledger.send_invoices(
                TENANT, call, [write], idempotency_key=xero.key("k-1"), not_after=None
            )
        puts = [line for line in arrived if line.startswith("PUT")]
        (found,) = await ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WRITE)
        (again,) = await ledger.send_invoices(
            TENANT, call, [write], idempotency_key=xero.key("k-1"), not_after=None
        )

    assert puts == ["PUT /api.xro/2.0/Invoices"]
    assert isinstance(again, ElementApplied)
    assert again.live.id == found.id
    assert found.total == Decimal(414)


async def test_bytes_are_counted_as_xero_bills_them() -> None:
    xero = await connect()
    contact = await xero.contact()
    await xero.write(*(invoices.create(f"PL-{n}", contact_id=contact) for n in range(20)))
    async with (
        served(xero.world) as (url, _),
        AiohttpTransport(aiohttp.TCPConnector(), system="xero") as transport,
    ):
        ledger = over_http(xero, transport, url)
        found = await ledger.invoices_by_number(
            TENANT, [f"PL-{n}" for n in range(20)], lane=Lane.SWEEP
        )

    straight = await xero.ledger.invoices_by_number(
        TENANT, [f"PL-{n}" for n in range(20)], lane=Lane.SWEEP
    )
    assert found == straight
    compressed, plain = xero.calls[-2].bytes_read, xero.calls[-1].bytes_read
    assert 0 < compressed < plain / 3
