"""A row of the API's table and the route it makes."""

from __future__ import annotations

import asyncio

from tests.web.support.serving import TOKENS, Served

ACME = "/api/v1/tenants/acme"


async def test_head_is_answered_where_get_is(served: Served) -> None:
    answer = await served.client.call("HEAD", ACME)

    assert (answer.status, answer.body) == (200, b"")


async def test_role_is_asked_before_anything_is_understood(served: Served) -> None:
    answer = await served.client.post(f"{ACME}/connect?colour=red", role="Office")

    assert answer.status == 403


async def test_role_is_asked_before_the_body_is_read(served: Served) -> None:
    """A body that never comes keeps nobody waiting, and none is taken in to be thrown away."""
    port = int(served.client.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {ACME}/apply HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS['Office']}\r\n"
    writer.write(f"{head}Content-Length: 60000000\r\n\r\n{{".encode())

    line = await asyncio.wait_for(reader.readline(), 5)

    assert b" 403 " in line
    writer.close()


async def test_query_of_an_operation_without_parameters_is_refused(served: Served) -> None:
    answer = await served.client.get(f"{ACME}?state=synced")

    assert (answer.status, answer.json["title"]) == (400, "Not understood")


async def test_body_that_is_no_json_is_refused(served: Served) -> None:
    answer = await served.client.call("POST", f"{ACME}/invoices/retry", data=b"{")

    assert answer.status == 400
    assert "reason" in answer.json["detail"]
