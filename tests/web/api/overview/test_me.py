"""An operator is told who they are, and nobody else is told anything."""

from __future__ import annotations

import pytest

from tests.web.support.serving import Served


@pytest.mark.parametrize("role", ["Office", "Admin", "Super User"])
async def test_me_is_the_operator_of_the_token(served: Served, role: str) -> None:
    answer = await served.client.get("/api/v1/me", role=role)

    assert answer.json == {"operator": role.lower(), "role": role}


async def test_nobody_is_nobody(served: Served) -> None:
    assert (await served.client.get("/api/v1/me", role=None)).status == 401
