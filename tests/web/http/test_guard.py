"""Who may call: tokens, roles, and what needs neither."""

from __future__ import annotations

import asyncio

import pytest

from syncd.web.http.guard import OPEN_PATHS, Operator, Role
from tests.web.support.serving import TOKENS, Served

TENANTS = "/api/v1/tenants"
SUPER = TOKENS["Super User"]


@pytest.mark.parametrize("path", OPEN_PATHS)
async def test_probes_metrics_and_description_need_no_token(served: Served, path: str) -> None:
    assert (await served.client.get(path, role=None)).status == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {SUPER}", SUPER, "Bearer Ünknown"],
)
async def test_no_or_wrong_token_is_401_with_how_to_sign_in(served: Served, header: str) -> None:
    answer = await served.client.call(
        "GET", TENANTS, role=None, headers={"Authorization": header} if header else {}
    )

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "operator_token_file" in answer.json["detail"]


async def test_unknown_path_tells_nothing_without_a_token(served: Served) -> None:
    assert (await served.client.get("/api/v1/anything", role=None)).status == 401


async def test_scheme_is_read_in_any_case(served: Served) -> None:
    headers = {"Authorization": f"bearer {SUPER}"}

    assert (await served.client.call("GET", TENANTS, role=None, headers=headers)).status == 200


async def test_role_that_does_not_suffice_names_the_one_that_does(served: Served) -> None:
    answer = await served.client.post(f"{TENANTS}/acme/connect", role="Admin")

    assert answer.status == 403
    assert "Super User" in answer.json["detail"]
    assert served.desk.column.pressed == []


def test_operator_never_shows_a_token() -> None:
    operator = Operator.of("ada", "Admin", "very-secret")

    assert operator.role is Role.ADMIN
    assert "very-secret" not in repr(operator)
    assert "digest" not in repr(operator)


async def test_header_that_is_no_text_is_just_a_wrong_token(served: Served) -> None:
    port = int(served.client.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /api/v1/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n"
    )

    line = await asyncio.wait_for(reader.readline(), 5)

    assert b" 401 " in line
    writer.close()
    await writer.wait_closed()
