"""Whether a tenant's Pipeline is reached: its feed read, and results told to it.

A fold over calls, kept in memory for as long as the process lives: what it says is the last word of
each of the two, so a read that works hides no result that is refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.domain.errors import RemoteError, Throttled, Unauthorised
from syncd.domain.model.value import Value
from syncd.domain.rules.text import wording


class Failure(Value, frozen=True, kw_only=True):
    """Calls of one kind fail, since then."""

    since: datetime
    words: str
    is_key_refused: bool


class Reach(Value, frozen=True, kw_only=True):
    """`read_at` is when the feed was last read; before the first time, when we began to."""

    read_at: datetime
    reading: Failure | None = None
    sending: Failure | None = None

    @property
    def failing_since(self) -> datetime | None:
        """Since when one of them fails; None when neither does."""
        return min((one.since for one in self._failures), default=None)

    @property
    def words(self) -> str:
        """What happened, in words for people."""
        return next((one.words for one in self._failures), "")

    @property
    def is_key_refused(self) -> bool:
        """Whether Pipeline refuses the key for one of them."""
        return any(one.is_key_refused for one in self._failures)

    @property
    def _failures(self) -> tuple[Failure, ...]:
        return tuple(one for one in (self.reading, self.sending) if one is not None)


def after_reading(before: Reach, now: datetime, error: RemoteError | None) -> Reach:
    """The reach after a read of the feed."""
    failed = _failed(before.reading, now, error)
    return replace(before, reading=failed, read_at=before.read_at if error else now)


def after_sending(before: Reach, now: datetime, error: RemoteError | None) -> Reach:
    """The reach after results were sent."""
    return replace(before, sending=_failed(before.sending, now, error))


def _failed(before: Failure | None, now: datetime, error: RemoteError | None) -> Failure | None:
    """To be asked to wait is neither a failure nor a success."""
    if error is None:
        return None
    if isinstance(error, Throttled):
        return before
    return Failure(
        since=now if before is None else before.since,
        words=wording.what_happened(error),
        is_key_refused=isinstance(error, Unauthorised),
    )
