from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.sandbox.http import Request, Response
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User


def get(
    world: PipelineWorld, path: str = "/api/v1/changes", key: str | None = None, method: str = "GET"
) -> Response:
    headers = {"authorization": f"Bearer {key or world.keys['demo']}"}
    return world.handle(Request(method=method, path=path, headers=headers))


def test_key_decides_the_tenant_and_a_wrong_one_is_401(world: PipelineWorld) -> None:
    answer = get(world, key="pip_key_wrong")
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert world.handle(Request(method="GET", path="/api/v1/changes")).status == 401


def test_unknown_path_is_404_and_wrong_method_405(world: PipelineWorld) -> None:
    assert get(world, "/api/v1/quotes").status == 404
    assert get(world, "/other").status == 404
    wrong = get(world, "/api/v1/changes", method="POST")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET")


def test_rate_limit_counts_down_and_then_says_when_to_come_again(world: PipelineWorld) -> None:
    world.set_switches({"rate_limit": 2})
    assert get(world).headers["X-RateLimit-Remaining"] == "1"
    assert get(world).headers["X-RateLimit-Remaining"] == "0"
    limited = get(world)
    assert limited.status == 429
    wait = int(limited.headers["Retry-After"])
    assert int(limited.headers["X-RateLimit-Reset"]) == int(world.clock.now()) + wait
    assert get(world, key=world.keys["other"]).status == 200
    world.clock.advance(wait)
    assert get(world).status == 200


def test_calls_are_counted_by_operation(world: PipelineWorld, ask: Any) -> None:
    ask("GET", "/changes")
    ask("GET", "/changes")
    ask("GET", "/invoices/x")
    calls = world.dump()["tenants"]["demo"]["calls"]
    assert calls == {"listChanges": 2, "getInvoice": 1}


def test_unknown_switch_is_refused(world: PipelineWorld) -> None:
    with pytest.raises(ValueError, match="rate_limit"):
        world.set_switches({"rate": 1})


def test_dump_is_json_and_load_brings_it_back(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    user({"do": "create_invoice", "number": "GONE", "customerId": _customer(world)})
    user({"do": "delete", "number": "GONE"})
    dumped = json.loads(json.dumps(world.dump()))
    shown = dumped["tenants"]["demo"]["invoices"][invoice]
    assert (shown["total"], shown["deleted"]) == ("415.92", False)
    feed = get(world).body
    world.reset()
    assert world.dump()["tenants"]["demo"]["invoices"] == {}
    world.load(dumped)
    assert world.dump() == dumped
    assert get(world).body == feed
    user({"do": "approve", "number": "INV-1"})


def _customer(world: PipelineWorld) -> str:
    return next(iter(world.tenants["demo"].books.records["customer"]))
