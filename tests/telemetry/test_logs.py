"""Facts as lines."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncd.domain.facts import (
    CallMade,
    DaemonStarted,
    JobsSettled,
    RequestRefused,
    ServiceFailed,
    ServiceHung,
    StoreMigrated,
)
from syncd.domain.ids import TenantId
from syncd.domain.model.push import PushOutcome
from syncd.telemetry.logs import LogLevel, log_observer, make_logger


class _Clock:
    def __init__(self) -> None:
        self.later = timedelta(0)

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 3, 4, 5, 678000, tzinfo=UTC) + self.later


def _lines(*facts: object, level: LogLevel | None = None) -> list[dict[str, object]]:
    """Each fact in turn; a duration lets so much time pass."""
    out, clock = io.StringIO(), _Clock()
    observer = log_observer(make_logger(clock, stream=out, pretty=False, level=level), clock)
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


CALL = CallMade(tenant=TenantId("acme"), operation="x", status=200, took_s=0.1, bytes_read=9)


@pytest.mark.parametrize(
    ("level", "written"),
    [("debug", ["call.made", "call.failed"]), ("info", ["call.failed"]), ("error", [])],
)
def test_level_says_what_is_written(level: str, written: list[str]) -> None:
    failed = replace(CALL, status=503)

    assert [line["event"] for line in _lines(CALL, failed, level=LogLevel(level))] == written


def test_level_may_change_while_it_runs() -> None:
    level, out, clock = LogLevel("info"), io.StringIO(), _Clock()
    observer = log_observer(make_logger(clock, stream=out, pretty=False, level=level), clock)

    observer(CALL)
    level.use("debug")
    observer(CALL)

    assert out.getvalue().count("call.made") == 1


def test_reader_that_went_away_or_a_full_disk_costs_lines_and_nothing_else() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    clock = _Clock()
    with contextlib.suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        for stream in (Gone(), full):
            observer = log_observer(make_logger(clock, stream=stream, pretty=False), clock)
            observer(ServiceFailed(service="x", error="y", retry_after_s=0.0))


def test_each_address_with_a_wrong_token_is_named_and_strangers_are_not() -> None:
    lines = _lines(
        replace(REFUSED, peer="10.0.0.1"),
        replace(REFUSED, peer="10.0.0.2"),
        replace(REFUSED, peer="10.0.0.1"),
        replace(NONSENSE, peer="10.0.0.3"),
        replace(NONSENSE, peer="10.0.0.4"),
    )

    assert [line["peer"] for line in lines] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_start_says_where_it_listens_and_what_was_done_to_the_store() -> None:
    listening = ("127.0.0.1:8080", "127.0.0.1:8081")
    started = DaemonStarted(
        version="1", incarnation="i", tenants=1, took_s=0.1, listening=listening
    )

    lines = _lines(StoreMigrated(applied=("0001_ground",)), started)

    assert [line["event"] for line in lines] == ["store.migrated", "daemon.started"]
    assert lines[0]["applied"] == ["0001_ground"]
    assert lines[1]["listening"] == [*listening]
