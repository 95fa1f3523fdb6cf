"""Who is let in, and what the last call of a minute is told."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.lab.conformance import limits
from syncd.ports.transport import HttpResponse
from tests.lab.conformance.support.canned import FINE, looked, page, problem


class Limited:
    """A server with so many calls left, whose 429 says what it is told to."""

    def __init__(self, left: int, **headers: str) -> None:
        self.left = left
        self.headers = headers

    def __call__(self, *_: Any) -> HttpResponse:
        self.left -= 1
        if self.left >= 0:
            said = FINE | {"x-ratelimit-remaining": str(self.left)}
            return HttpResponse(status=200, headers=said, body=b"{}")
        self.left = 5
        return HttpResponse(status=429, headers=self.headers, body=b"{}")


async def test_keys_that_are_refused_are_well() -> None:
    at = looked(lambda *_: problem(401))

    await limits.look_at_access(at.server)

    assert {"access.no_key", "access.wrong_key"} <= at.met


async def test_keys_that_are_let_in_are_told() -> None:
    at = looked(lambda *_: page())

    await limits.look_at_access(at.server)

    assert {"access.no_key", "access.wrong_key"} == set(at.failing)


@pytest.mark.parametrize(
    ("headers", "waited"),
    [({"retry-after": "30"}, [30.0]), ({}, []), ({"retry-after": "soon"}, [])],
)
async def test_limit_is_spent_and_waited_for(headers: dict[str, str], waited: list[float]) -> None:
    at = looked(Limited(9, **headers))

    await limits.look_at_limit(at.server)

    assert at.waited == waited
    assert ("limits.retry_after" in at.met) is bool(waited)
    assert ("limits.retry_after" in at.failing) is not bool(waited)


async def test_limit_that_is_far_is_left_alone() -> None:
    at = looked(Limited(1000), most_calls=40)

    await limits.look_at_limit(at.server)

    assert at.server.calls == 1
    assert "limits.retry_after" not in {*at.met, *at.failing}


async def test_limit_that_never_comes_is_told() -> None:
    at = looked(lambda *_: page(), most_calls=150)

    await limits.look_at_limit(at.server)

    assert "never 429" in at.failing["limits.retry_after"]
