"""R48: a Super User pauses, resumes and switches the mode; the answer shows the tenant after it."""

from __future__ import annotations

import pytest

from tests.web.support.serving import operators

POST = "/api/v1/tenants/acme"


async def test_a_tenant_is_paused_and_resumed() -> None:
    async with operators() as served:
        paused = (await served.client.post(f"{POST}/pause")).json
        again = (await served.client.post(f"{POST}/resume")).json

        assert (paused["paused"], again["paused"]) == (True, False)
        assert "nothing is written to Xero" in paused["message"]


async def test_a_mode_the_configuration_names_is_refused_with_its_key() -> None:
    async with operators() as served:
        same = await served.client.post(f"{POST}/mode", {"mode": "live"})
        other = await served.client.post(f"{POST}/mode", {"mode": "observe"})

        assert same.status == 200
        assert other.status == 409
        assert "tenants.acme.mode" in other.json["detail"]


async def test_a_mode_that_does_not_exist_is_refused_with_those_that_do() -> None:
    async with operators() as served:
        answer = await served.client.post(f"{POST}/mode", {"mode": "dry"})

        assert answer.status == 400
        assert "observe, live" in answer.json["detail"]


@pytest.mark.parametrize("switch", ["pause", "resume", "mode"])
async def test_only_a_super_user_turns_a_switch(switch: str) -> None:
    async with operators() as served:
        answer = await served.client.post(f"{POST}/{switch}", {"mode": "live"}, role="Admin")

        assert answer.status == 403
