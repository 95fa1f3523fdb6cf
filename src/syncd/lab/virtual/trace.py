"""A trace: the rolling SHA-256 of everything the simulation watched, in the order it happened.

Two runs of one seed must end with the same digest, in any process and under any hash seed; that is
the whole proof of determinism. The loop notes network deliveries and deaths here, the simulation
adds whatever it judges by. Only plain values are taken, because the text of an object may hold its
memory address.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable

_PLAIN_NAMES = "str, int, float, bool, bytes or None"
_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})
_TAIL_LINES = 2_000  # enough to read what led to a failure, small enough to keep for each seed


class Trace:
    """Events as lines, hashed as they come; the newest lines stay readable in `tail`."""

    __slots__ = ("_digest", "_now", "count", "tail")

    def __init__(self, *, now: Callable[[], float], tail_lines: int = _TAIL_LINES) -> None:
        self._now = now
        self._digest = hashlib.sha256()
        self.count = 0
        self.tail: deque[str] = deque(maxlen=tail_lines)

    def note(self, kind: str, *fields: str | float | bytes | None) -> None:
        """Add one event at the present loop time.

        Raises TypeError for a field whose text is not the same in every process.
        """
        if not _PLAIN.issuperset(map(type, fields)):
            (odd, *_) = (type(field).__name__ for field in fields if type(field) not in _PLAIN)
            raise TypeError(
                f"a trace takes {_PLAIN_NAMES}, {kind!r} came with {odd}: "
                "note its name or number instead"
            )
        line = f"{self._now()!r} {kind} {' '.join(map(repr, fields))}"
        self._digest.update(f"{line}\n".encode())
        self.count += 1
        self.tail.append(line)

    def digest(self) -> str:
        """The hash of everything noted so far, in hexadecimal."""
        return self._digest.hexdigest()
