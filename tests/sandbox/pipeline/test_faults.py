from __future__ import annotations

from typing import Any

import pytest

from syncd.sandbox.http import Request, Response
from syncd.sandbox.pipeline.app import PipelineWorld

RESULT = b'{"results": [{"kind": "invoice", "id": "%s", "revision": 1, "state": "synced"}]}'


def post(world: PipelineWorld, invoice: str) -> Response:
    headers = {"authorization": f"Bearer {world.keys['demo']}"}
    body = RESULT % invoice.encode()
    return world.handle(
        Request(method="POST", path="/api/v1/sync-results", headers=headers, body=body)
    )


def get(world: PipelineWorld, path: str) -> Response:
    headers = {"authorization": f"Bearer {world.keys['demo']}"}
    return world.handle(Request(method="GET", path=f"/api/v1{path}", headers=headers))


def stored(world: PipelineWorld) -> int:
    return len(world.dump()["tenants"]["demo"]["results"]["invoice"])


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"do": "drop_before_commit"}, (500, "before_commit", 0)),
        ({"do": "drop_after_commit"}, (200, "after_commit", 1)),
        ({"do": "truncated"}, (200, "truncated", 1)),
        ({"do": "error_before", "status": 502}, (502, None, 0)),
        ({"do": "unavailable"}, (503, None, 0)),
        ({"do": "error_after_commit"}, (500, None, 1)),
        ({"do": "html"}, (503, None, 0)),
        ({"do": "throttle", "retry_after": 7}, (429, None, 0)),
    ],
)
def test_fault_answers_as_told_and_stores_or_not(
    world: PipelineWorld, invoice: str, rule: dict[str, Any], told: tuple[int, str | None, int]
) -> None:
    world.faults.set([rule])
    answer = post(world, invoice)
    assert (answer.status, answer.drop, stored(world)) == told


def test_slow_answers_late_with_everything_done(world: PipelineWorld, invoice: str) -> None:
    world.faults.set([{"do": "slow", "seconds": 3}])
    assert (post(world, invoice).delay_s, stored(world)) == (3, 1)


def test_rule_without_a_count_fires_once(world: PipelineWorld) -> None:
    world.faults.set([{"do": "unavailable"}])
    assert [get(world, "/changes").status for _ in range(2)] == [503, 200]


def test_rule_fires_so_many_times_after_so_many(world: PipelineWorld) -> None:
    world.faults.set([{"do": "unavailable", "after": 1, "times": 2}])
    assert [get(world, "/changes").status for _ in range(5)] == [200, 503, 503, 200, 200]


def test_rule_is_meant_for_its_match_only(world: PipelineWorld, invoice: str) -> None:
    match = {"method": "GET", "path": "/invoices/*"}
    world.faults.set([{"match": match, "do": "not_found", "times": 1}])
    assert get(world, "/invoices").status == 200
    assert post(world, invoice).status == 200
    assert [get(world, f"/invoices/{invoice}").status for _ in range(2)] == [404, 200]


def test_probability_fires_now_and_then(world: PipelineWorld) -> None:
    world.faults.set([{"do": "unavailable", "probability": 0.5}])
    seen = {get(world, "/changes").status for _ in range(40)}
    assert seen == {200, 503}


@pytest.mark.usefixtures("invoice")
def test_empty_serves_pages_without_rows(world: PipelineWorld) -> None:
    world.faults.set([{"do": "empty", "times": 3}])
    assert b'"items":[]' in get(world, "/invoices").body
    assert b'"changes":[]' in get(world, "/changes").body
    assert get(world, "/invoices/unknown").status == 404


def test_gone_makes_a_cursor_too_old(world: PipelineWorld) -> None:
    world.faults.set([{"match": {"path": "/changes"}, "do": "gone", "times": 1}])
    assert get(world, "/changes").status == 410


def test_unknown_fault_is_refused_by_name(world: PipelineWorld) -> None:
    with pytest.raises(ValueError, match="drop_after_commit"):
        world.faults.set([{"do": "explode"}])
    with pytest.raises(ValueError, match="method"):
        world.faults.set([{"do": "gone", "match": {"verb": "GET"}}])
