"""A call is judged as it comes: its headers, its problem, its numbers to the last digit."""

from __future__ import annotations

from decimal import Decimal

from syncd.ports.transport import HttpResponse
from tests.lab.conformance.support.canned import FINE, looked, problem


async def test_numbers_are_kept_exactly_and_the_key_goes_along() -> None:
    at = looked(lambda *_: HttpResponse(status=200, headers=FINE, body=b'{"a": 0.10, "b": 3}'))

    answer = await at.server.get("/invoices", ids="a,b")

    (asked,) = at.transport.asked
    assert (answer.json, type(answer.json["a"])) == ({"a": Decimal("0.10"), "b": 3}, Decimal)
    assert asked.headers["Authorization"] == "Bearer pip_key_1"
    assert asked.url == "https://pipeline.example/api/v1/invoices?ids=a%2Cb"
    assert at.met == {"limits.headers", "limits.reset"}
    assert "pip_key_1" not in repr(at.server)


async def test_another_key_or_none_takes_its_place() -> None:
    at = looked(lambda *_: problem(401))

    for key in ("other", ""):
        await at.server.send("GET", "/changes", key=key)

    sent = [each.headers.get("Authorization") for each in at.transport.asked]
    assert sent == ["Bearer other", None]
    assert at.met == {"problem.form"}


async def test_a_limit_is_waited_for_once_and_no_longer_than_it_says() -> None:
    limited = HttpResponse(
        status=429,
        headers={"content-type": "application/problem+json", "retry-after": "7"},
        body=b'{"status": 429}',
    )
    at = looked(lambda *_: limited)

    answer = await at.server.get("/changes")

    assert (answer.status, at.waited, at.server.calls) == (429, [7.0], 2)
    assert at.server.calls_left == 48


async def test_headers_that_are_missing_or_no_instant_are_told() -> None:
    headers = FINE | {"x-ratelimit-remaining": "many", "x-ratelimit-reset": "30"}
    at = looked(lambda *_: HttpResponse(status=200, headers=headers, body=b"{}"))

    await at.server.get("/changes")

    assert set(at.failing) == {"limits.headers", "limits.reset"}


async def test_problem_of_another_status_and_an_answer_that_is_lost_are_told() -> None:
    at = looked(lambda path, *_: (0, None) if "lost" in path else (404, {"status": 400}))

    await at.server.get("/invoices/x")
    lost = await at.server.get("/lost")

    assert set(at.failing) == {"problem.form"}
    assert (lost.status, lost.json, lost.is_fine) == (0, None, False)
