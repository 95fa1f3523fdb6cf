"""The circuit breaker: stops one tenant's calls while Xero fails, and lets single probes through.

Used by `client`. It reads no clock: instants come in as seconds of the loop's clock.

    closed ── five bad answers in a row ──▶  open   ── its time is over ──▶ one probe at a time
      ▲                                        ▲                                │      │
      └────────────── any good answer ─────────┼────────────────────────────────┘      │
                                               └────── a bad one: twice the time ──────┘
"""

from __future__ import annotations

TRIP_AFTER = 5
"""So many failures in a row open it."""
OPEN_S = 30.0
LONGEST_OPEN_S = 300.0
PROBE_POLL_S = 5.0
"""How long the others wait while a probe is on its way."""


class Breaker:
    """One tenant's breaker."""

    def __init__(self, *, trip_after: int = TRIP_AFTER, open_s: float = OPEN_S) -> None:
        self._trip_after = trip_after
        self._first_open_s = open_s
        self._open_s = open_s
        self._bad_in_a_row = 0
        self._retry_at_s = 0.0
        self._has_probe = False
        self._failing_since_s: float | None = None
        self._planned_at_s: float | None = None

    @property
    def failing_since_s(self) -> float | None:
        """Since when calls fail, while it is open."""
        return self._failing_since_s if self.is_open else None

    @property
    def retry_at_s(self) -> float:
        """When one call tries again."""
        return self._retry_at_s

    @property
    def is_open(self) -> bool:
        """Whether calls are stopped."""
        return self._bad_in_a_row >= self._trip_after

    def wait_s(self, now_s: float) -> float | None:
        """How long a call should wait, or None: it may go."""
        if not self.is_open:
            return None
        if now_s < self._retry_at_s:
            return self._retry_at_s - now_s
        return PROBE_POLL_S if self._has_probe else None

    def try_now(self, now_s: float) -> None:
        """Let a call try at once, for a person asked; while one is on its way nothing changes."""
        if self.is_open and now_s < self._retry_at_s:
            self._planned_at_s = self._planned_at_s or self._retry_at_s
            self._retry_at_s = now_s

    def begin(self) -> None:
        """A call goes, which `wait_s` allowed; while open it is the probe."""
        self._has_probe = self.is_open

    def succeeded(self) -> None:
        """Xero answered, be it with a refusal: it works."""
        self._bad_in_a_row = 0
        self._failing_since_s = self._planned_at_s = None
        self._has_probe = False
        self._open_s = self._first_open_s

    def failed(self, now_s: float) -> None:
        """5xx, no answer, or a token refused that was issued just now."""
        was_open = self.is_open
        if self._bad_in_a_row == 0:
            self._failing_since_s = now_s
        self._bad_in_a_row += 1
        if not self.is_open:
            return
        # Calls that left before it opened end late; they do not keep it open any longer.
        if self._planned_at_s is not None and self._has_probe:
            # A person's try that failed puts off nobody's next one.
            self._retry_at_s = max(self._planned_at_s, now_s + self._first_open_s)
            self._planned_at_s = None
        elif not was_open or self._has_probe:
            self._retry_at_s = now_s + self._open_s
            self._open_s = min(2 * self._open_s, LONGEST_OPEN_S)
        self._has_probe = False

    def cancelled(self) -> None:
        """The call ended without saying anything of Xero: cancelled."""
        self._has_probe = False
