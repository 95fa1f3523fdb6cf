"""Which troubles a tenant has, from what the store and the live state say now.

Called for people (the tenant's card) and on a beat (gauges), so that both say the same. Nothing
rests on an event somebody may have missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from syncd.domain.model.trouble import RefusedSweep, Trouble, TroubleKind
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.tenant.mappings import Unusable
from syncd.domain.rules.tenant.pipeline_reach import Reach
from syncd.domain.rules.text.wording import lasting

FEED_STILL_S = 300.0
"""Pipeline is read every few seconds: not for so long is a trouble, whatever the reason."""
CLOCK_OFF_S = 120.0
"""Less may be what an answer takes; so much is no time server's doing."""
FAILING_ROUNDS = 5
"""So many in a row, each later than the one before, are no hiccup."""
_MOST_NAMED = 5
_TASKS = {
    "intake": "reading Pipeline's changes",
    "worker": "writing to Xero",
    "prober": "looking for writes whose outcome is not known",
    "write_back": "telling Pipeline",
    "waits": "telling Pipeline what waits",
    "tokens": "renewing the connection",
    "digest": "working through webhooks",
    "sweeper": "sweeping through Xero",
    "restore": "the look after a restore",
    "clock": "looking after the clock",
    "sampler": "counting what is queued",
    "rescuer": "taking up work whose worker is gone",
    "retention": "forgetting old records",
    "notify": "telling people",
}
_EXPLAIN_FAILURES = (
    TroubleKind.STORE_UNUSABLE, TroubleKind.NO_VALID_TOKEN, TroubleKind.XERO_DOWN,
    TroubleKind.PIPELINE_KEY_REFUSED, TroubleKind.PIPELINE_DOWN,
)  # fmt: skip
_STOPS_CALLS = (
    TroubleKind.NOT_CONNECTED, TroubleKind.TOKEN_EXPIRED, TroubleKind.NO_VALID_TOKEN,
    TroubleKind.XERO_DOWN, TroubleKind.DAY_SPENT,
)  # fmt: skip
_STOPS_WRITES = (
    *_STOPS_CALLS, TroubleKind.DAY_RESERVED, TroubleKind.HALTED, TroubleKind.PAUSED,
    TroubleKind.STORE_UNUSABLE,
)  # fmt: skip
OF_DISK = (
    "The disk is full: the space kept back for it is given up, and writes fail next. Make room; "
    "the space is taken back by itself."
)


class Calls(Value, frozen=True, kw_only=True):
    """Whether calls to Xero pass: since when it fails and when one tries again, the spent day."""

    failing_since: datetime | None = None
    tried_at: datetime | None = None
    day_spent_until: datetime | None = None
    writes_paused_until: datetime | None = None
    day_left: int | None = None


class Condition(Value, frozen=True, kw_only=True):
    """A tenant as it stands. `note` says why its connection is as it is."""

    state: ConnectionState
    note: str | None = None
    warning: str | None = None
    access_expires_at: datetime | None = None
    refresh_failed_since: datetime | None = None
    consent_failed_at: datetime | None = None
    consent_text: str = ""
    calls: Calls = Calls()
    refused_sweeps: tuple[RefusedSweep, ...] = ()
    reach: Reach
    poll_every_s: float = 15.0
    clock_ahead: timedelta = timedelta(0)
    unusable: tuple[Unusable, ...] = ()
    halt: str | None = None
    is_paused: bool = False
    paused_at: datetime | None = None
    paused_by: str = ""
    is_look_outstanding: bool = False
    store_says: str = ""
    """Why the store takes no writes, and what to do; empty while it takes them."""
    has_reserve: bool = True
    """Of a full disk: the space kept back for what must still be written."""
    failing: tuple[str, ...] = ()
    """Tasks of it, or for all tenants, whose rounds failed `FAILING_ROUNDS` times in a row."""


def of(at: Condition, now: datetime) -> tuple[Trouble, ...]:
    """Every trouble, the first one to look at first."""
    outside = (*_store(at), *_connection(at, now), *_xero(at), *_pipeline(at, now))
    return (
        *outside, *_services(at, outside), *_mapping(at), *_clock(at), *_people(at),
    )  # fmt: skip


def stops_calls(troubles: Sequence[Trouble]) -> Trouble | None:
    """Why no call to Xero passes now; None when calls may pass."""
    return _first(troubles, _STOPS_CALLS)


def stops_writes(troubles: Sequence[Trouble]) -> Trouble | None:
    """Why nothing is written to Xero now; None when writes may pass."""
    return _first(troubles, _STOPS_WRITES)


def hides_changes(troubles: Sequence[Trouble]) -> Trouble | None:
    """Why a change in Xero may not be noticed now; None when sweeps look at everything."""
    return _first(troubles, (*_STOPS_CALLS, TroubleKind.SWEEP_REFUSED, TroubleKind.STORE_UNUSABLE))


def _first(troubles: Sequence[Trouble], kinds: Sequence[TroubleKind]) -> Trouble | None:
    return next((one for one in troubles if one.kind in kinds), None)


def of_store(says: str) -> str:
    """What people read while the store takes no writes, for the reason it `says`."""
    return f"Nothing can be written into the store, so nothing is synced. {says}"


def _store(at: Condition) -> Iterator[Trouble]:
    if at.store_says:
        yield Trouble(kind=TroubleKind.STORE_UNUSABLE, text=of_store(at.store_says))
    elif not at.has_reserve:
        yield Trouble(kind=TroubleKind.DISK_FULL, text=OF_DISK)


def _connection(at: Condition, now: datetime) -> Iterator[Trouble]:
    if at.state is ConnectionState.NOT_CONNECTED:
        text = at.note or "Press Connect to Xero; all work waits until then."
        yield Trouble(kind=TroubleKind.NOT_CONNECTED, text=text)
    elif at.state is ConnectionState.TOKEN_EXPIRED:
        text = at.note or "Xero no longer accepts the connection. Press Connect to Xero."
        yield Trouble(kind=TroubleKind.TOKEN_EXPIRED, text=text)
    else:
        yield from _token(at, now)
    if at.consent_failed_at is not None:
        text = f"The last try to connect failed. {at.consent_text}".rstrip()
        yield Trouble(kind=TroubleKind.CONSENT_FAILED, text=text, since=at.consent_failed_at)


def _token(at: Condition, now: datetime) -> Iterator[Trouble]:
    """A dead token is told as soon as refreshes fail while none is valid; before, the warning."""
    ends_at, failing = at.access_expires_at, at.refresh_failed_since
    if failing is not None and (ends_at is None or ends_at <= now):
        why = at.note or "It is tried again by itself."
        text = (
            "Xero does not renew the connection, and its last token has ended: nothing is read or "
            f"written. {why} Nothing is lost; press Connect to Xero if it lasts."
        )
        yield Trouble(kind=TroubleKind.NO_VALID_TOKEN, text=text, since=failing)
    elif at.warning is not None:
        yield Trouble(kind=TroubleKind.TOKEN_EXPIRING, text=f"{at.warning}.", since=failing)


def _xero(at: Condition) -> Iterator[Trouble]:
    calls = at.calls
    if calls.failing_since is not None:
        text = "Xero fails or does not answer. Work waits and goes on by itself; nothing is lost."
        yield Trouble(
            kind=TroubleKind.XERO_DOWN,
            text=text,
            since=calls.failing_since,
            until=calls.tried_at,
        )
    if calls.day_spent_until is not None:
        text = "The day's calls to Xero are spent. Work waits and goes on by itself."
        yield Trouble(kind=TroubleKind.DAY_SPENT, text=text, until=calls.day_spent_until)
    elif calls.writes_paused_until is not None:
        text = (
            f"The day's calls to Xero are nearly spent: the {calls.day_left} left are kept for "
            "payments and sweeps. Writes go on by themselves when Xero gives new ones."
        )
        yield Trouble(kind=TroubleKind.DAY_RESERVED, text=text, until=calls.writes_paused_until)
    if (refused := of_sweeps(at.refused_sweeps)) is not None:
        yield refused


def of_sweeps(refused: Sequence[RefusedSweep]) -> Trouble | None:
    """What Xero would not be read for, the oldest first; None where there is nothing."""
    if not refused:
        return None
    said = " ".join(one.text for one in refused)
    text = f"{said} What differs there may not be noticed. It is tried again by itself."
    return Trouble(kind=TroubleKind.SWEEP_REFUSED, text=text, since=refused[0].since)


def _pipeline(at: Condition, now: datetime) -> Iterator[Trouble]:
    reach = at.reach
    still = timedelta(seconds=max(FEED_STILL_S, 3 * at.poll_every_s))
    if reach.is_key_refused:
        text = (
            "Pipeline refuses the tenant's key: nothing new is read from it, or nothing told to "
            "it. Put the right pipeline_key into the configuration, then `syncd reload`."
        )
        yield Trouble(kind=TroubleKind.PIPELINE_KEY_REFUSED, text=text, since=reach.failing_since)
    elif reach.failing_since is not None:
        text = f"{reach.words} Changes made there wait until it answers; nothing is lost."
        yield Trouble(kind=TroubleKind.PIPELINE_DOWN, text=text, since=reach.failing_since)
    elif now - reach.read_at > still:
        text = (
            "Pipeline's changes have not been read for a while: it asks to wait, or does not "
            "answer. Look at the log; starting syncd again loses nothing."
        )
        yield Trouble(kind=TroubleKind.FEED_STANDS_STILL, text=text, since=reach.read_at)


def _services(at: Condition, found: Sequence[Trouble]) -> Iterator[Trouble]:
    """What fails and is not explained by what was found."""
    if not at.failing or _first(found, _EXPLAIN_FAILURES) is not None:
        return
    said = "; ".join(_TASKS[task] for task in at.failing)
    text = (
        f"What fails again and again: {said}. It is tried again by itself, and nothing is lost; "
        "the log says why."
    )
    yield Trouble(kind=TroubleKind.SERVICE_FAILS, text=text)


def _mapping(at: Condition) -> Iterator[Trouble]:
    if at.unusable:
        named = "; ".join(f"{one.key}: {one.text}" for one in at.unusable[:_MOST_NAMED])
        left = len(at.unusable) - _MOST_NAMED
        more = f"; {left} more" if left > 0 else ""
        text = (
            f"Invoices that are mapped so will wait: {named}{more}. "
            "Correct the configuration, then `syncd reload`; or add in Xero what is missing."
        )
        yield Trouble(kind=TroubleKind.MAPPING_UNUSABLE, text=text)


def _clock(at: Condition) -> Iterator[Trouble]:
    off_s = at.clock_ahead.total_seconds()
    if abs(off_s) >= CLOCK_OFF_S:
        by = f"{lasting(abs(off_s))} {'ahead of' if off_s > 0 else 'behind'} Xero's"
        text = (
            f"This machine's clock is {by}: whatever syncd says of times is off by as much. Work "
            "goes on and nothing is lost. Set the clock by a time server; syncd follows by itself."
        )
        yield Trouble(kind=TroubleKind.CLOCK_OFF, text=text)


def _people(at: Condition) -> Iterator[Trouble]:
    if at.halt is not None:
        text = f"{at.halt} See what it halted, then release it or undo the cause."
        yield Trouble(kind=TroubleKind.HALTED, text=text)
    if at.is_paused:
        whom = f" by {at.paused_by}" if at.paused_by else ""
        text = f"Paused{whom}: nothing is written until it is resumed."
        yield Trouble(kind=TroubleKind.PAUSED, text=text, since=at.paused_at)
    if at.is_look_outstanding:
        text = (
            "The store was restored: what Xero has of ours since the backup is read, and nothing "
            "is created meanwhile."
        )
        yield Trouble(kind=TroubleKind.RESTORE_LOOK, text=text)
