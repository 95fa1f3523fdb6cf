"""Every error leaves as a problem, and none with an inner word."""

from __future__ import annotations

import pytest
from aiohttp import web

from syncd.domain.errors import NotServed, StoreError, Throttled
from syncd.domain.facts import Fact, RequestRefused, ServiceFailed
from syncd.web.http.problems import ProblemError, problems_as_answers
from tests.web.support.serving import Answer, listening


async def raised(error: Exception, told: list[Fact]) -> Answer:
    async def broken(_: web.Request) -> web.Response:
        raise error

    app = web.Application(middlewares=[problems_as_answers(told.append, "trial")])
    app.add_routes([web.get("/", broken)])
    async with listening(app) as client:
        return await client.get("/")


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (ProblemError(409, "Moved", "Look again."), 409, "Moved"),
        (web.HTTPNotFound(), 404, "Not Found"),
        (StoreError("inner"), 503, "Store unavailable"),
        (Throttled("wait a little", retry_after_s=3, limit="identity"), 503, "Try again later"),
        (NotServed("This daemon serves acme no more"), 404, "No such tenant"),
        (ValueError("inner"), 500, "Our mistake"),
    ],
)
async def test_error_is_a_problem_without_inner_words(
    error: Exception, status: int, title: str
) -> None:
    answer = await raised(error, [])

    assert answer.headers["Content-Type"].startswith("application/problem+json")
    said = answer.json
    correlation = said.pop("correlation", "")
    assert {**said, "detail": ""} == {
        "type": "about:blank", "title": title, "status": status, "detail": "",
    }  # fmt: skip
    assert bool(correlation) is (title in ("Store unavailable", "Our mistake"))
    assert said["detail"]
    assert b"inner" not in answer.body


async def test_throttled_says_when_to_come_again() -> None:
    answer = await raised(Throttled("wait", retry_after_s=2.6, limit="identity"), [])

    assert answer.headers["Retry-After"] == "3"


async def test_what_nobody_foresaw_is_told_and_refusals_are_counted() -> None:
    told: list[Fact] = []
    await raised(ProblemError(400, "Not understood", "x"), told)
    await raised(web.HTTPNotFound(), told)
    assert told == [
        RequestRefused(service="trial", status=status, peer="127.0.0.1") for status in (400, 404)
    ]

    told.clear()
    answer = await raised(KeyError("inner"), told)
    error, found = "KeyError: 'inner'", answer.json["correlation"]
    assert told == [
        ServiceFailed(service="trial", error=error, retry_after_s=0.0, correlation=found)
    ]


async def test_the_same_mistake_has_one_name_in_the_log_and_another_has_another() -> None:
    first, again, other = [
        (await raised(KeyError(word), [])).json["correlation"] for word in ("a", "a", "b")
    ]

    assert first == again != other


async def test_redirect_is_an_answer() -> None:
    answer = await raised(web.HTTPFound("/elsewhere"), [])

    assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")
