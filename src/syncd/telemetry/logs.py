"""Facts as log lines: one JSON object a line on stderr, or pretty lines on a terminal.

Event names are `noun.verb_past`. Local variables never appear in a traceback, and every line
passes redaction. The time stamp comes from the clock port.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Hashable
from dataclasses import fields
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TextIO, assert_never, cast

import structlog

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.model.store_size import StoreSize
from syncd.domain.rules.text.printable import printable
from syncd.ports.clock import Clock
from syncd.ports.observer import Observer
from syncd.telemetry.redaction import redact

Logger = Any  # structlog's bound logger has no useful static type


LEVELS = ("debug", "info", "warning", "error")


class LogLevel:
    """The least level that is written; may change while it is used."""

    def __init__(self, level: str = "info") -> None:
        self._least = LEVELS.index(level)

    def use(self, level: str) -> None:
        """Write from this level on, from now on."""
        self._least = LEVELS.index(level)

    def __call__(self, _: object, level: str, event: Any) -> Any:
        """A structlog processor: what is below is dropped."""
        if LEVELS.index(level) < self._least:
            raise structlog.DropEvent
        return event


class _Lasting:
    """Writes to a stream; a reader that went away, or a full disk, costs lines and nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def make_logger(
    clock: Clock,
    *,
    stream: TextIO | None = None,
    pretty: bool | None = None,
    level: LogLevel | None = None,
) -> Logger:
    """A logger writing to `stream` (default stderr), pretty when that is a terminal."""
    out = stream or sys.stderr
    as_pretty = out.isatty() if pretty is None else pretty

    def stamp(_: object, __: str, event: Any) -> Any:
        event["at"] = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return event

    last: tuple[Any, ...] = (structlog.processors.JSONRenderer(),)  # which escapes by itself
    if as_pretty:
        shown = structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback, timestamp_key="at"
        )
        last = (_for_a_terminal, shown)
    return structlog.wrap_logger(
        structlog.PrintLogger(cast("TextIO", _Lasting(out))),
        processors=[level or LogLevel(), structlog.processors.add_log_level, stamp, redact, *last],
    )


def _for_a_terminal(_: object, __: str, event: Any) -> Any:
    """What others wrote commands nothing; the renderer's own colours come after."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = printable(value)
        elif not isinstance(value, int | float):
            event[key] = printable(repr(value))
    return event


REPEATED_AFTER = timedelta(minutes=1)
"""What others can bring about as often as they like is a line this often, with its count."""
_MOST_KINDS = 100


class _Repeats:
    """Lets the first of a kind pass, and then one a minute; says how many it stands for."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[datetime, int]] = {}

    def count(self, kind: Hashable, now: datetime) -> int:
        """How many facts a line about this one would stand for; 0: no line now."""
        told_at, left_out = self._seen.get(kind, (None, 0))
        if told_at is not None and timedelta(0) <= now - told_at < REPEATED_AFTER:
            self._seen[kind] = (told_at, left_out + 1)
            return 0
        if len(self._seen) >= _MOST_KINDS:
            self._seen.clear()
        self._seen[kind] = (now, 0)
        return left_out + 1


def log_observer(log: Logger, clock: Clock) -> Observer:
    """The observer that writes facts to `log`; what repeats itself at most once a minute."""
    repeats = _Repeats()

    def observe(fact: Fact) -> None:
        line = line_of(fact)
        if line is None:
            return
        level, event, fields = line
        kind = _repeated(fact)
        if kind is not None:
            times = repeats.count((event, kind), clock.now())
            if times == 0:
                return
            fields |= {"times": times} if times > 1 else {}
        getattr(log, level)(event, **fields)

    return observe


def _repeated(fact: Fact) -> Hashable | None:
    """What makes a fact the same as an earlier one; None where every single one is told."""
    match fact:
        case facts.ServiceFailed():
            return (fact.service, fact.error)
        case facts.RequestRefused():
            # On the operators' side each address is named; anybody's would fill the log.
            return (fact.service, fact.peer if fact.service == "api" else "")
        case _:
            return None


Line = tuple[str, str, dict[str, Any]]

_AS_THEY_ARE: dict[type, tuple[str, str]] = {
    facts.DaemonStarted: ("info", "daemon.started"),
    facts.StoreMigrated: ("info", "store.migrated"),
    facts.DaemonDraining: ("info", "daemon.draining"),
    facts.DaemonStopped: ("info", "daemon.stopped"),
    facts.ServiceFailed: ("error", "service.failed"),
    facts.LeasesFreed: ("info", "leases.freed"),
    facts.StartMoved: ("info", "start.moved"),
    facts.ChangesTaken: ("info", "changes.taken"),
    facts.RoundDeferred: ("warning", "round.deferred"),
    facts.ForeignEditFound: ("warning", "foreign_edit.found"),
    facts.ResultsWritten: ("info", "results.written"),
    facts.SettingsRead: ("info", "settings.read"),
    facts.ConsentFailed: ("warning", "consent.failed"),
    facts.WebhookGapFound: ("warning", "webhook_gap.found"),
    facts.SweepFinished: ("info", "sweep.finished"),
    facts.ClockSet: ("warning", "clock.set"),
    facts.RecordsForgotten: ("info", "records.forgotten"),
}
"""Facts whose line is always of one level and has all their fields."""


def line_of(fact: Fact) -> Line | None:  # noqa: C901, PLR0911, PLR0912  (one case per fact)
    """Level, event and fields of a fact; None for what is counted but not logged."""
    match fact:
        case (
            facts.DaemonStarted() | facts.StoreMigrated() | facts.DaemonDraining()
            | facts.DaemonStopped() | facts.ServiceFailed() | facts.LeasesFreed()
            | facts.ChangesTaken()
            | facts.RoundDeferred() | facts.ForeignEditFound() | facts.ResultsWritten()
            | facts.SettingsRead() | facts.ConsentFailed() | facts.WebhookGapFound()
            | facts.SweepFinished() | facts.RecordsForgotten() | facts.ClockSet()
            | facts.StartMoved()
        ):  # fmt: skip
            level, event = _AS_THEY_ARE[type(fact)]
            return level, event, _fields(fact)
        case facts.RequestRefused():
            return _refusal(fact)
        case facts.StoreStanding():
            return _store(fact)
        case facts.ServiceHung():
            moved = ("error", "service.hung") if fact.is_hung else ("warning", "service.moved_on")
            return *moved, _fields(fact)
        case facts.ConfigReloaded():
            return ("info" if fact.accepted else "error"), "config.reloaded", _fields(fact)
        case facts.JobsSettled():
            return _settled(fact)
        case facts.BrakeMoved():
            return _brake(fact)
        case facts.RemoteMoved():
            return _remote(fact)
        case facts.ConnectionChanged():
            return _level(fact.state == "Connected"), "connection.changed", _fields(fact)
        case facts.TokenRefreshed():
            return _level(fact.outcome == "refreshed"), "token.refreshed", _fields(fact)
        case facts.WebhooksDigested():
            longest = {"delays_s": round(max(fact.delays_s, default=0.0), 3)}
            return "info", "webhooks.digested", _fields(fact) | longest
        case facts.FindingsReviewed():
            return _review(fact)
        case facts.CallMade():
            return _call(fact)
        case facts.WebhooksReceived():
            # A line per notice would let strangers fill the log; what they led to is logged.
            return "debug", "webhooks.received", _fields(fact)
        case (
            facts.ReadToWriteMeasured() | facts.TenantSampled() | facts.TaskSucceeded()
            | facts.RunsPlanned() | facts.StoreWritten() | StoreSize()
        ):  # fmt: skip
            return None
        case _:
            assert_never(fact)


def _settled(fact: facts.JobsSettled) -> Line:
    fields = _fields(fact)
    fields["push_delays_s"] = round(max(fact.push_delays_s, default=0.0), 3)
    fields["outcomes"] = {str(key): count for key, count in fact.outcomes.items()}
    fields["held"] = dict(fact.held)
    return "info", "jobs.settled", fields


def _remote(fact: facts.RemoteMoved) -> Line:
    moved = "remote.failed" if fact.is_failing else "remote.answered"
    return _level(not fact.is_failing), moved, _fields(fact)


def _brake(fact: facts.BrakeMoved) -> Line:
    moved = "brake.halted" if fact.is_halted else "brake.released"
    return _level(not fact.is_halted), moved, _fields(fact)


def _store(fact: facts.StoreStanding) -> Line:
    if not fact.is_usable:
        return "error", "store.failed", _fields(fact)
    if not fact.has_reserve:
        return "warning", "store_reserve.spent", _fields(fact)
    return "info", "store.recovered", _fields(fact)


def _refusal(fact: facts.RequestRefused) -> Line:
    is_sign_in = fact.service == "api" and fact.status == HTTPStatus.UNAUTHORIZED
    event = "sign_in.refused" if is_sign_in else "request.refused"
    return _level(not is_sign_in), event, _fields(fact)


def _level(is_good: object) -> str:
    return "info" if is_good else "warning"


def _review(fact: facts.FindingsReviewed) -> Line | None:
    has_news = fact.opened or fact.closed or fact.missed
    return ("warning", "findings.reviewed", _fields(fact)) if has_news else None


def _call(fact: facts.CallMade) -> Line:
    """A good call is a matter for whoever looks closely: one line per call would drown the rest."""
    if fact.status == 0 or fact.status >= 400:  # noqa: PLR2004  (HTTP's own border)
        return "warning", "call.failed", _fields(fact)
    return "debug", "call.made", _fields(fact)


def _fields(fact: Any) -> dict[str, Any]:
    """A fact's fields as they are, seconds rounded to the millisecond."""
    shown = {}
    for name in (each.name for each in fields(fact)):
        value = getattr(fact, name)
        shown[name] = round(value, 3) if isinstance(value, float) else value
    return shown
