from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User

START = 1_780_000_000.0


@pytest.fixture
def world() -> PipelineWorld:
    return PipelineWorld(clock=SandboxClock(lambda: START), tenants=("demo", "other"))


@pytest.fixture
def user(world: PipelineWorld) -> User:
    return User(world)


@pytest.fixture
def customer(user: User) -> str:
    made = user({"do": "create_customer", "ref": "C-1", "name": "Harbour Cafe", "email": "a@b.nz"})
    return str(made["id"])


@pytest.fixture
def invoice(user: User, customer: str) -> str:
    line = {"description": "Install", "quantity": "3", "unitAmount": "120.5555", "taxRate": "0.15"}
    made = user(
        {"do": "create_invoice", "number": "INV-1", "customerId": customer, "lines": [line]}
    )
    return str(made["id"])


Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(world: PipelineWorld) -> Ask:
    """Ask the world as a client would: method, path, query and body in; status and JSON out."""

    def asked(
        method: str, path: str, *, tenant: str = "demo", body: Any = None, **query: str
    ) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = world.handle(
            Request(
                method=method,
                path=f"/api/v1{path}",
                query=query,
                headers={"authorization": f"Bearer {world.keys[tenant]}"},
                body=raw,
            )
        )
        return answer.status, json.loads(answer.body, parse_float=Decimal)

    return asked
