"""Facts as log lines: one JSON object a line on stderr, or pretty lines on a terminal.

Event names are `noun.verb_past`. Local variables never appear in a traceback, and every line
passes redaction. The time stamp comes from the clock port.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Hashable
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any, TextIO, assert_never, cast

import structlog

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.model.concern import NotificationsCounted, NotificationTried
from syncd.domain.model.replica import (
    HolderChanged,
    LeaseEnded,
    LeaseTaken,
    ReplicaFact,
    RequestForwarded,
)
from syncd.domain.model.store_size import StoreSize
from syncd.domain.rules.text.printable import printable
from syncd.ports import trail
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
    logger = structlog.wrap_logger(
        structlog.PrintLogger(cast("TextIO", _Lasting(out))),
        processors=[level or LogLevel(), structlog.processors.add_log_level, stamp, redact, *last],
    )
    return logger.bind()  # or it would be put together anew for each line


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
        if (on := trail.current()) is not None:
            fields["trail"] = on
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
        case NotificationTried():
            return (fact.way, fact.outcome, fact.error)
        case facts.RequestRefused():
            # On the operators' side each address is named; anybody's would fill the log.
            return (fact.service, fact.peer if fact.service == "api" else "")
        case _:
            return None


Line = tuple[str, str, dict[str, Any]]


def line_of(fact: Fact) -> Line | None:  # noqa: C901, PLR0912  (one case per fact)
    """Level, event and fields of a fact; None for what is counted but not logged."""
    level, event, fields = "info", event_of(type(fact).__name__), _fields(fact)
    match fact:
        case (
            facts.DaemonStarted() | facts.StoreMigrated() | facts.DaemonDraining()
            | facts.DaemonStopped() | facts.LeasesFreed() | facts.StartMoved()
            | facts.ChangesTaken() | facts.ResultsWritten() | facts.SettingsRead()
            | facts.SweepFinished() | facts.RecordsForgotten()
        ):  # fmt: skip
            pass
        case (
            facts.RoundDeferred() | facts.ForeignEditFound() | facts.ConsentFailed()
            | facts.WebhookGapFound() | facts.ClockSet()
        ):  # fmt: skip
            level = "warning"
        case facts.ServiceFailed():
            level = "error"
        case facts.RequestRefused():
            if fact.service == "api" and fact.status == HTTPStatus.UNAUTHORIZED:
                level, event = "warning", "sign_in.refused"
        case HolderChanged() | LeaseTaken() | LeaseEnded() | RequestForwarded():
            level = _of_replicas(fact)
        case facts.StoreStanding():
            level, event = _store(fact)
        case facts.ServiceHung():
            level, event = _hung(fact)
        case facts.TenantServed():
            event, fields = _served(fact)
        case facts.ConfigReloaded():
            level = "info" if fact.accepted else "error"
        case facts.JobsSettled():
            fields |= _settled(fact)
        case facts.BrakeMoved():
            level, event = _turned(fact.is_halted, "brake.halted", "brake.released")
        case facts.RemoteMoved():
            level, event = _turned(fact.is_failing, "remote.failed", "remote.answered")
        case facts.ConnectionChanged():
            level = _level(fact.state == "Connected")
        case facts.TokenRefreshed() | NotificationTried():
            level = _level(fact.outcome in ("refreshed", "delivered"))
        case facts.WebhooksDigested():
            fields["delays_s"] = round(max(fact.delays_s, default=0.0), 3)
        case facts.FindingsReviewed():
            if not (fact.opened or fact.closed or fact.missed):
                return None
            level = "warning"
        case facts.CallMade():
            level, event = _call(fact)
        case facts.WebhooksReceived():
            # A line per notice would let strangers fill the log; what they led to is logged.
            level = "debug"
        case (
            facts.ReadToWriteMeasured() | facts.TenantSampled() | facts.TaskSucceeded()
            | facts.RunsPlanned() | facts.StoreWritten() | StoreSize() | NotificationsCounted()
        ):  # fmt: skip
            return None
        case _:
            assert_never(fact)
    return level, event, fields


@cache
def event_of(kind: str) -> str:
    """The event's name, by the fact's: `JobsSettled` is `jobs.settled`."""
    noun, _, verb = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower().rpartition("_")
    return f"{noun}.{verb}"


def _store(fact: facts.StoreStanding) -> tuple[str, str]:
    if not fact.is_usable:
        return "error", "store.failed"
    return ("info", "store.recovered") if fact.has_reserve else ("warning", "store_reserve.spent")


def _settled(fact: facts.JobsSettled) -> dict[str, Any]:
    return {
        "push_delays_s": round(max(fact.push_delays_s, default=0.0), 3),
        "outcomes": {str(key): count for key, count in fact.outcomes.items()},
        "held": dict(fact.held),
    }


def _served(fact: facts.TenantServed) -> tuple[str, dict[str, Any]]:
    return "tenant.added" if fact.is_served else "tenant.removed", {"tenant": fact.tenant}


def _hung(fact: facts.ServiceHung) -> tuple[str, str]:
    return ("error", "service.hung") if fact.is_hung else ("warning", "service.moved_on")


def _call(fact: facts.CallMade) -> tuple[str, str]:
    """A good call is a matter for whoever looks closely: one line per call would drown the rest."""
    is_good = 0 < fact.status < HTTPStatus.BAD_REQUEST
    return ("debug", "call.made") if is_good else ("warning", "call.failed")


def _of_replicas(fact: ReplicaFact) -> str:
    """What a standby passes on is a line for whoever looks closely."""
    if isinstance(fact, RequestForwarded):
        return "debug"
    return _level(not (isinstance(fact, LeaseEnded) and fact.is_lost))


def _turned(is_bad: object, bad: str, good: str) -> tuple[str, str]:
    return ("warning", bad) if is_bad else ("info", good)


def _level(is_good: object) -> str:
    return "info" if is_good else "warning"


def _fields(fact: Any) -> dict[str, Any]:
    """A fact's fields as they are, seconds rounded to the millisecond."""
    return {
        name: round(value, 3) if type(value) is float else value
        for name in fact.__struct_fields__
        if (value := getattr(fact, name)) != "" or name != "correlation"
    }
