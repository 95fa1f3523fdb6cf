"""Xero's limits: fixed windows per tenant, one per app, five calls at a time (facts §2).

Called by the gateway once token and tenant are known, and by the server around each request. Each
tenant's windows begin at an instant of its own, drawn from the seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from syncd.sandbox.http import Response
from syncd.sandbox.xero.ledger.switches import Switches

MINUTE_S = 60
DAY_S = 86_400


@dataclass(slots=True)
class Window:
    """Calls counted since the window's beginning."""

    length_s: int
    offset_s: int
    number: int = -1
    used: int = 0

    def turn(self, now_s: float) -> None:
        """Begin again when the time has come."""
        number = int((now_s + self.offset_s) // self.length_s)
        if number != self.number:
            self.number, self.used = number, 0

    def resets_in_s(self, now_s: float) -> int:
        """Whole seconds until it begins again, at least 1."""
        left = self.length_s - (now_s + self.offset_s) % self.length_s
        return max(1, int(-(-left // 1)))


@dataclass(slots=True)
class TenantWindows:
    """What one tenant has used."""

    minute: Window
    day: Window
    in_flight: int = 0


@dataclass(slots=True)
class Limits:
    """All windows of one app."""

    switches: Switches
    seed: int
    tenants: dict[str, TenantWindows] = field(default_factory=dict)
    app: Window = field(default_factory=lambda: Window(MINUTE_S, 0))
    refused: dict[str, int] = field(default_factory=dict)

    def of(self, tenant: str) -> TenantWindows:
        """The tenant's windows."""
        windows = self.tenants.get(tenant)
        if windows is None:
            dice = Random(f"{self.seed}-{tenant}")  # noqa: S311 - drawn from the seed
            windows = self.tenants[tenant] = TenantWindows(
                Window(MINUTE_S, dice.randrange(MINUTE_S)), Window(DAY_S, dice.randrange(DAY_S))
            )
        return windows

    def admit(self, tenant: str, now_s: float) -> Response | None:
        """Count one call; a 429 when a limit is reached, which then counts nothing."""
        own = self.of(tenant)
        for window in (own.minute, own.day, self.app):
            window.turn(now_s)
        if self.switches.limits:
            if own.day.used >= self.switches.day_limit:
                return self.breach("day", tenant, now_s)
            if own.minute.used >= self.switches.minute_limit:
                return self.breach("minute", tenant, now_s)
            if self.app.used >= self.switches.app_minute_limit:
                return self.breach("appminute", tenant, now_s)
            for window in (own.minute, own.day, self.app):
                window.used += 1
        return None

    def begin(self, tenant: str, now_s: float) -> Response | None:
        """One more call in progress; a 429 when there are too many, and then it is none."""
        own = self.of(tenant)
        if self.switches.limits and own.in_flight >= self.switches.concurrent_limit:
            return self.breach("concurrent", tenant, now_s)
        own.in_flight += 1
        return None

    def end(self, tenant: str) -> None:
        """One call less in progress."""
        own = self.of(tenant)
        own.in_flight = max(0, own.in_flight - 1)

    def breach(
        self, kind: str, tenant: str, now_s: float, retry_after_s: int | None = None
    ) -> Response:
        """429: empty body, no Content-Type; Retry-After for minute and day only (recorded)."""
        self.refused[kind] = self.refused.get(kind, 0) + 1
        own = self.of(tenant)
        headers = {**self.headers(tenant, now_s), "X-Rate-Limit-Problem": kind}
        window = {"minute": own.minute, "day": own.day}.get(kind)
        if window is not None:
            headers["Retry-After"] = str(retry_after_s or window.resets_in_s(now_s))
            spent = "X-MinLimit-Remaining" if kind == "minute" else "X-DayLimit-Remaining"
            headers[spent] = "0"
        return Response(status=429, headers=headers)

    def count_for_app(self, now_s: float) -> Mapping[str, str]:
        """Count a call without a tenant, and say what is left to the app (facts §2.1)."""
        self.app.turn(now_s)
        if self.switches.limits:
            self.app.used += 1
        left = max(0, self.switches.app_minute_limit - self.app.used)
        return {"X-AppMinLimit-Remaining": str(left)}

    def headers(self, tenant: str, now_s: float) -> Mapping[str, str]:
        """What is left, as every answer of a tenant says."""
        own = self.of(tenant)
        for window in (own.minute, own.day, self.app):
            window.turn(now_s)
        left = {
            "X-DayLimit-Remaining": self.switches.day_limit - own.day.used,
            "X-MinLimit-Remaining": self.switches.minute_limit - own.minute.used,
            "X-AppMinLimit-Remaining": self.switches.app_minute_limit - self.app.used,
        }
        if not self.switches.day_header:
            del left["X-DayLimit-Remaining"]
        return {name: str(max(0, count)) for name, count in left.items()}
