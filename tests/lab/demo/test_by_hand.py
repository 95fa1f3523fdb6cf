"""Books kept by hand: observed without a word written, planned and applied over the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import anyio

from syncd.lab.demo import by_hand
from syncd.lab.demo.judge import written_in
from syncd.lab.demo.stage import Stage, staged
from syncd.lab.demo.tally import told

EVERY_WAITS = {"waiting": by_hand.ALIKE + by_hand.DIFFERENT + by_hand.MISSING + by_hand.UNCLEAR}


async def until(is_so: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not is_so():  # noqa: ASYNC110 - a witness has no events of ours
            await anyio.sleep(0.1)


async def asked(stage: Stage, session: aiohttp.ClientSession, way: str, body: Any = None) -> Any:
    url = f"{stage.operator_url}/api/v1/tenants/{by_hand.TENANT}{way}"
    bearer = {"Authorization": f"Bearer {stage.token}"}
    if body is None:
        async with session.get(url, headers=bearer) as answer:
            return await answer.json()
    async with session.post(url, headers=bearer, json=body) as answer:
        assert answer.ok, await answer.text()
        return await answer.json()


async def test_books_kept_by_hand_are_left_alone_until_their_plan_is_applied() -> None:
    async with (
        staged(seed=2, customers=1, invoices=0, observer=lambda _: None) as stage,
        aiohttp.ClientSession() as session,
    ):
        await stage.connect()
        name = await stage.connect(by_hand.TENANT, organisation=by_hand.ORGANISATION)
        card = await asked(stage, session, "")
        await until(lambda: told(stage.pipeline.tenants[by_hand.TENANT]).states == EVERY_WAITS)
        untouched = written_in(stage.observed())

        plan = await asked(stage, session, "/plan", {})
        applied = await asked(stage, session, "/apply", plan)

        await until(lambda: bool(written_in(stage.observed())))

    assert (name, card["mode"]) == ("Redgum Joinery", "observe")
    assert untouched == []
    actions = Counter(item["action"] for item in plan["items"] if item["kind"] == "invoice")
    assert actions == {
        "adopt": by_hand.ALIKE,
        "adopt_differing": by_hand.DIFFERENT,
        "create": by_hand.MISSING,
        "hold": by_hand.UNCLEAR,
    }
    assert {item["outcome"] for item in applied["items"]} == {"applied"}
