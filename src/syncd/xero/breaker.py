"""The breaker: rests one tenant's calls while Xero fails, and lets one probe at a time try again.

Used by `client`. It reads no clock: instants come in as seconds of the loop's clock.

    closed ── five bad answers in a row ──▶ resting ── the rest is over ──▶ one probe at a time
      ▲                                        ▲                                │      │
      └────────────── any good answer ─────────┼────────────────────────────────┘      │
                                               └────── a bad one: twice the rest ──────┘
"""

from __future__ import annotations

TRIP_AFTER = 5
"""So many answers of 5xx, or none, in a row open it."""
REST_S = 30.0
LONGEST_REST_S = 300.0
PROBE_POLL_S = 5.0
"""How long the others wait while a probe is on its way."""


class Breaker:
    """One tenant's breaker."""

    def __init__(self, *, trip_after: int = TRIP_AFTER, rest_s: float = REST_S) -> None:
        self._trip_after = trip_after
        self._first_rest_s = rest_s
        self._rest_s = rest_s
        self._bad_in_a_row = 0
        self._rests_until_s = 0.0
        self._has_probe = False
        self._failing_since_s: float | None = None

    @property
    def failing_since_s(self) -> float | None:
        """Since when calls failed, while they rest for it."""
        return self._failing_since_s if self.is_open else None

    @property
    def rests_until_s(self) -> float:
        """When one call tries again."""
        return self._rests_until_s

    @property
    def is_open(self) -> bool:
        """Whether calls rest."""
        return self._bad_in_a_row >= self._trip_after

    def wait_s(self, now_s: float) -> float | None:
        """How long a call should wait, or None: it may go."""
        if not self.is_open:
            return None
        if now_s < self._rests_until_s:
            return self._rests_until_s - now_s
        return PROBE_POLL_S if self._has_probe else None

    def begin(self) -> None:
        """A call goes, which `wait_s` allowed; while open it is the probe."""
        self._has_probe = self.is_open

    def good(self) -> None:
        """Xero answered, be it with a refusal: it works."""
        self._bad_in_a_row = 0
        self._failing_since_s = None
        self._has_probe = False
        self._rest_s = self._first_rest_s

    def bad(self, now_s: float) -> None:
        """5xx, or no answer."""
        was_open = self.is_open
        if self._bad_in_a_row == 0:
            self._failing_since_s = now_s
        self._bad_in_a_row += 1
        if not self.is_open:
            return
        # Calls that left before it opened end late; they do not make the rest any longer.
        if not was_open or self._has_probe:
            self._rests_until_s = now_s + self._rest_s
            self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)
        self._has_probe = False

    def unknown(self) -> None:
        """The call ended without saying anything of Xero: cancelled."""
        self._has_probe = False
