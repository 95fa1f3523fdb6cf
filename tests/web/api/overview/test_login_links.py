"""A link that signs in: whoever holds a token makes one for themselves."""

from __future__ import annotations

import pytest

from tests.web.support.serving import TOKENS, Served

PATH = "/api/v1/login-links"


@pytest.mark.parametrize("role", TOKENS)
async def test_whoever_has_a_token_may_make_a_link(served: Served, role: str) -> None:
    answer = await served.client.post(PATH, role=role)

    assert answer.status == 200
    base, _, ticket = answer.json["url"].rpartition("/login/")
    taken = await served.desk.operations.sessions.take(ticket)
    assert base == served.client.base
    assert taken is not None
    assert taken.operator == role.lower()


async def test_without_a_token_there_is_no_link(served: Served) -> None:
    assert (await served.client.post(PATH, role=None)).status == 401
