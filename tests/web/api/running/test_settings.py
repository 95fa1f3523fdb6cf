"""Settings over HTTP: to a Super User alone."""

from __future__ import annotations

import pytest

from tests.engine.support.operating import SYNCED
from tests.web.support.serving import Served

PATH = "/api/v1/tenants/acme/settings"


async def test_settings_are_answered_with_the_organisations(served: Served) -> None:
    await served.desk.seed({"a": SYNCED})
    before = (await served.client.get(PATH)).json
    await served.desk.link("a")
    after = (await served.client.get(PATH)).json

    assert before["organisation"] is None
    assert set(before["items"][0]) == {"key", "value", "source", "needs_restart"}
    assert after["organisation"]["name"]
    assert isinstance(after["organisation"]["accounts"], list)


@pytest.mark.parametrize("role", ["Office", "Admin"])
async def test_settings_are_not_for_everybody(served: Served, role: str) -> None:
    assert (await served.client.get(PATH, role=role)).status == 403


async def test_settings_of_nobody_are_not_there(served: Served) -> None:
    assert (await served.client.get("/api/v1/tenants/nobody/settings")).status == 404
