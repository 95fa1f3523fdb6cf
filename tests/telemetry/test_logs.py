"""Facts as lines."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

from syncd.domain.facts import CallMade, JobsSettled, RequestRefused, ServiceFailed, ServiceHung
from syncd.domain.ids import TenantId
from syncd.domain.model.push import PushOutcome
from syncd.telemetry.logs import log_observer, make_logger


class _Clock:
    def __init__(self) -> None:
        self.later = timedelta(0)

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 3, 4, 5, 678000, tzinfo=UTC) + self.later


def _lines(*facts: object) -> list[dict[str, object]]:
    """Each fact in turn; a duration lets so much time pass."""
    out, clock = io.StringIO(), _Clock()
    observer = log_observer(make_logger(clock, stream=out, pretty=False), clock)
    for fact in facts:
        if isinstance(fact, timedelta):
            clock.later += fact
            continue
        observer(fact)  # type: ignore[arg-type]  (a list of mixed facts)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_fact_is_one_json_line_with_the_clocks_time() -> None:
    (line,) = _lines(
        JobsSettled(
            tenant=TenantId("acme"), task="worker", outcomes={PushOutcome.CREATED: 50},
            held={"contact_unmapped": 1}, push_delays_s=(1.25, 2.5), took_s=0.12345,
        )
    )  # fmt: skip

    assert line["event"] == "jobs.settled"
    assert line["at"] == "2026-11-22T03:04:05.678Z"
    assert line["outcomes"] == {"created": 50}
    assert line["push_delays_s"] == 2.5


def test_a_good_call_is_counted_not_logged() -> None:
    good = CallMade(tenant=TenantId("a"), operation="x", status=200, took_s=1, bytes_read=1)
    bad = CallMade(tenant=TenantId("a"), operation="x", status=0, took_s=1, bytes_read=0)

    assert [line["event"] for line in _lines(good, bad)] == ["call.failed"]


def test_a_secret_in_an_error_text_is_masked() -> None:
    (line,) = _lines(ServiceFailed(service="s", error="Bearer abcdefghijkl", retry_after_s=1))

    assert "abcdefgh" not in json.dumps(line)


REFUSED = RequestRefused(service="api", status=401)
NONSENSE = RequestRefused(service="public", status=400)


def test_what_strangers_bring_about_is_a_line_a_minute_with_its_count() -> None:
    lines = _lines(*[REFUSED] * 300, *[NONSENSE] * 300, timedelta(minutes=1), REFUSED, NONSENSE)

    told = [(line["event"], line["level"], line.get("times", 1)) for line in lines]
    assert told == [
        ("sign_in.refused", "warning", 1), ("request.refused", "info", 1),
        ("sign_in.refused", "warning", 300), ("request.refused", "info", 300),
    ]  # fmt: skip


def test_one_failure_that_repeats_does_not_hide_another() -> None:
    full = ServiceFailed(service="receiver", error="full", retry_after_s=0)
    lost = ServiceFailed(service="receiver", error="lost", retry_after_s=0)

    assert [line["error"] for line in _lines(full, full, lost, full)] == ["full", "lost"]


def test_clock_set_back_silences_nobody() -> None:
    assert len(_lines(REFUSED, timedelta(hours=-1), REFUSED)) == 2


def test_pretty_line_commands_no_terminal_and_a_plain_one_neither() -> None:
    evil = "a name \x1b]0;owned\x07"
    for pretty in (True, False):
        out, clock = io.StringIO(), _Clock()
        observer = log_observer(make_logger(clock, stream=out, pretty=pretty), clock)
        observer(ServiceFailed(service="s", error=evil, retry_after_s=1))

        assert "\x1b]" not in out.getvalue()
        assert "\x07" not in out.getvalue()
        assert "a name" in out.getvalue()


def test_service_that_has_hung_is_an_error_and_a_line_when_it_moves_on() -> None:
    hung = ServiceHung(service="worker:acme", is_hung=True, for_s=300.0)
    moved = ServiceHung(service="worker:acme", is_hung=False, for_s=0.0)

    lines = _lines(hung, moved)

    assert [(line["event"], line["level"]) for line in lines] == [
        ("service.hung", "error"), ("service.moved_on", "warning"),
    ]  # fmt: skip
    assert lines[0]["service"] == "worker:acme"
