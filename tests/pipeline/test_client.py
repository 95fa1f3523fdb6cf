"""Which error an answer of Pipeline's is, and who waits for what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from syncd.domain.errors import (
    CursorTooOld,
    Garbled,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Refused,
    RemoteError,
    ServerTrouble,
    Throttled,
    TooLong,
    Unauthorised,
)
from syncd.domain.ids import TenantId
from syncd.pipeline import client
from syncd.pipeline.client import PipelineClient, PipelineRemote, PipelineRequest
from syncd.ports.transport import HttpRequest, HttpResponse
from tests.xero.support.worlds import passes, virtually

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TENANT = TenantId("acme")
LIST = PipelineRequest(operation="list_changes", method="GET", target="/changes?limit=5")
POINT = PipelineRequest(
    operation="get_invoice", method="GET", target="/invoices/1", is_point_read=True
)
PUT = PipelineRequest(
    operation="put_sync_results", method="POST", target="/sync-results", body=b"{}"
)
JSON = {"content-type": "application/json; charset=utf-8"}
PROBLEM = {"content-type": "application/problem+json"}
HTML = {"content-type": "text/html"}
BODY = b'{"title":"No","detail":"because"}'


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Script:
    """Answers what it was told to, in order."""

    answers: list[HttpResponse | RemoteError]
    sent: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, RemoteError):
            raise answer
        return answer


def made(script: Script, clock: Clock | None = None) -> PipelineClient:
    remote = PipelineRemote(
        url="https://app.pipeline.test/api/v1/", api_key="pip_key_canary", transport=script
    )
    return PipelineClient({TENANT: remote}, clock=clock or Clock())


def verdict(status: int, asked: PipelineRequest, headers: dict[str, str]) -> RemoteError | None:
    response = HttpResponse(status=status, headers=headers, body=BODY)
    return client.classify(response, asked, now=NOW)


@pytest.mark.parametrize(
    ("status", "headers", "asked", "kind"),
    [
        (200, HTML, LIST, Garbled),
        (200, {}, LIST, Garbled),
        (302, HTML, LIST, ServerTrouble),
        (400, PROBLEM, PUT, Refused),
        (400, HTML, PUT, ServerTrouble),
        (401, PROBLEM, LIST, Unauthorised),
        (403, HTML, LIST, Unauthorised),
        (404, PROBLEM, POINT, NotFound),
        (404, {"content-type": "Application/Problem+JSON"}, POINT, NotFound),
        (404, JSON, POINT, ServerTrouble),
        (404, HTML, POINT, ServerTrouble),
        (404, PROBLEM, LIST, ServerTrouble),
        (410, PROBLEM, LIST, CursorTooOld),
        (410, HTML, LIST, ServerTrouble),
        (413, PROBLEM, PUT, Refused),
        (429, PROBLEM, LIST, Throttled),
        (429, {}, LIST, Throttled),
        (500, PROBLEM, PUT, ServerTrouble),
        (503, HTML, POINT, ServerTrouble),
    ],
)
def test_answer_is_one_error(
    status: int, headers: dict[str, str], asked: PipelineRequest, kind: type[RemoteError]
) -> None:
    assert type(verdict(status, asked, headers)) is kind


@pytest.mark.parametrize("headers", [JSON, {"content-type": "Application/JSON"}])
def test_good_answer_is_none(headers: dict[str, str]) -> None:
    assert verdict(200, LIST, headers) is None


def test_refused_key_names_itself_and_no_secret() -> None:
    error = verdict(401, LIST, PROBLEM)

    assert isinstance(error, Unauthorised)
    assert error.cause == "key_refused"
    assert error.system == "pipeline"


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "12"}, 12),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 40)}, 40),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) - 40)}, 30),
        # The daemon's clock is two hours slow.
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 7_240)}, 60),
        ({"x-ratelimit-reset": "17953065000000"}, 30),
        ({"retry-after": "²"}, 30),
        ({}, 30),
    ],
)
def test_limit_says_how_long(headers: dict[str, str], wait_s: float) -> None:
    error = verdict(429, LIST, headers)

    assert isinstance(error, Throttled)
    assert error.retry_after_s == wait_s


async def test_call_carries_the_key_and_an_encoded_address() -> None:
    script = Script([HttpResponse(status=200, headers=JSON, body=b"{}")])

    assert await made(script).request(TENANT, PUT) == b"{}"

    (sent,) = script.sent
    assert sent.url == "https://app.pipeline.test/api/v1/sync-results"
    assert sent.headers["Authorization"] == "Bearer pip_key_canary"
    assert sent.headers["Content-Type"] == "application/json"


async def test_lost_answer_is_trouble_for_everything_may_be_asked_again() -> None:
    with pytest.raises(ServerTrouble):
        await made(Script([OutcomeUnknown("dropped")])).request(TENANT, PUT)


async def test_call_that_never_left_stays_so() -> None:
    with pytest.raises(NotSent):
        await made(Script([NotSent("refused")])).request(TENANT, PUT)


def test_nothing_leaves_while_the_allowance_is_spent() -> None:
    spent = JSON | {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(NOW.timestamp()) + 40),
    }
    fine = HttpResponse(status=200, headers=JSON, body=b"{}")
    script = Script([HttpResponse(status=200, headers=spent, body=b"{}"), fine])

    async def story() -> None:
        calls = made(script)
        await calls.request(TENANT, LIST)
        with pytest.raises(Throttled) as caught:
            await calls.request(TENANT, LIST)
        assert caught.value.retry_after_s == pytest.approx(40, abs=0.1)
        await passes(40)
        await calls.request(TENANT, LIST)

    virtually(story)
    assert len(script.sent) == 2


def test_absurd_reset_is_not_believed() -> None:
    spent = JSON | {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"}

    async def story() -> None:
        calls = made(Script([HttpResponse(status=200, headers=spent, body=b"{}")]))
        await calls.request(TENANT, LIST)
        with pytest.raises(Throttled) as caught:
            await calls.request(TENANT, LIST)
        assert caught.value.retry_after_s == pytest.approx(60, abs=0.1)

    virtually(story)


def test_a_told_wait_holds_for_everything_asked_with_the_same_key() -> None:
    """What is told to the feed holds for results too: the limit is the key's."""
    busy = HttpResponse(status=429, headers=PROBLEM | {"retry-after": "20"}, body=BODY)
    fine = HttpResponse(status=200, headers=JSON, body=b"{}")
    script = Script([busy, fine])

    async def story() -> None:
        calls = made(script)
        for asked in (LIST, PUT):
            with pytest.raises(Throttled) as caught:
                await calls.request(TENANT, asked)
            assert caught.value.retry_after_s == pytest.approx(20, abs=0.1)
        await passes(20)
        await calls.request(TENANT, PUT)

    virtually(story)
    assert len(script.sent) == 2


def test_limit_without_a_wait_rests_ever_longer_until_a_call_passes() -> None:
    busy = HttpResponse(status=429, headers=PROBLEM | {"retry-after": "0"}, body=BODY)
    fine = HttpResponse(status=200, headers=JSON, body=b"{}")
    waits = []

    async def story() -> None:
        asked = made(Script([busy] * 8 + [fine, busy]))
        for _ in range(8):
            with pytest.raises(Throttled) as found:
                await asked.request(TENANT, LIST)
            waits.append(found.value.retry_after_s)
            await passes(found.value.retry_after_s)
        await asked.request(TENANT, LIST)
        with pytest.raises(Throttled) as found:
            await asked.request(TENANT, LIST)
        assert found.value.retry_after_s == 1

    virtually(story)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize("said", ["²", "٣", "-1", "1e3", ""])
def test_wait_that_is_no_plain_number_is_not_believed(said: str) -> None:
    found = verdict(429, LIST, PROBLEM | {"retry-after": said, "x-ratelimit-reset": said})

    assert isinstance(found, Throttled)
    assert found.retry_after_s == 30


def test_feed_whose_cursor_is_too_long_for_its_address_begins_again() -> None:
    feed = PipelineRequest(operation="list_changes", method="GET", target="/changes", is_feed=True)

    assert isinstance(verdict(414, feed, HTML), CursorTooOld)
    assert isinstance(verdict(414, POINT, HTML), ServerTrouble)


async def test_answer_that_is_too_long_stays_one_and_is_bounded() -> None:
    script = Script([TooLong("the answer is longer than 5 bytes")])

    with pytest.raises(TooLong, match="list_changes"):
        await made(script).request(TENANT, LIST)

    assert script.sent[0].max_bytes == 8 * 1024 * 1024


def test_words_of_an_answer_are_one_short_line_without_commands() -> None:
    body = b'{"detail":"\\u001b[31mlimit\\r\\n' + b"x" * 500 + b'"}'
    response = HttpResponse(status=400, headers=PROBLEM, body=body)

    said = str(client.classify(response, POINT, now=NOW))

    assert said.isprintable()
    assert len(said) < 400


async def test_key_is_never_shown() -> None:
    script = Script([HttpResponse(status=500, headers=HTML, body=b"")])
    with pytest.raises(ServerTrouble) as caught:
        await made(script).request(TENANT, PUT)

    remote = PipelineRemote(url="u", api_key="pip_key_canary", transport=script)
    assert "canary" not in f"{remote!r} {caught.value!r} {script.sent[0]!r}"
