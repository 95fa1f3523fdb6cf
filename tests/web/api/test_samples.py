"""Past figures over HTTP: steps in which nobody counted are left out, hours are bounded."""

from __future__ import annotations

import pytest

from syncd.domain.model.sample import DELAY_BOUNDS_S
from tests.engine.samples.test_fold import call, processed, sampled, settled
from tests.web.support.serving import Served

PATH = "/api/v1/tenants/acme/samples"


async def test_the_running_five_minutes_are_answered_with_their_delays(served: Served) -> None:
    for fact in (sampled(pending=3), call(), settled(1.5, 1.5, 40.0), processed(2, 0.4)):
        served.desk.samples.observe(fact)

    answer = await served.client.get(PATH, role="Office")

    assert answer.status == 200
    (step,) = answer.json["items"]
    assert (answer.json["step_s"], answer.json["next_cursor"]) == (300, None)
    assert answer.json["delay_bounds_s"] == list(DELAY_BOUNDS_S)
    assert (step["queued"], step["write_calls"], step["events"]) == (3, 1, 2)
    assert step["push"] == {"counts": [0, 2, 0, 0, 1, 0, 0, 0], "median_s": 2, "p95_s": 60}
    assert step["webhook"]["p95_s"] == 1
    assert answer.json["begins_at"] <= step["at"] < answer.json["ends_at"]


async def test_a_week_is_answered_by_the_hour(served: Served) -> None:
    answer = await served.client.get(f"{PATH}?hours=168")

    assert answer.json["step_s"] == 3600


@pytest.mark.parametrize("hours", ["0", "169", "-1", "1.5", "day"])
async def test_hours_out_of_bounds_are_refused_with_the_bounds(served: Served, hours: str) -> None:
    answer = await served.client.get(f"{PATH}?hours={hours}")

    assert answer.status == 400
    assert "from 1 to 168" in answer.json["detail"]


async def test_samples_are_not_told_to_strangers_nor_of_nobody(served: Served) -> None:
    assert (await served.client.get(PATH, role=None)).status == 401
    assert (await served.client.get("/api/v1/tenants/nobody/samples")).status == 404
