"""Misbehaviour on demand: rules that say which request goes wrong, how, and how often.

Set by tests and by the control endpoint as JSON; asked by the gateway for every request. The first
rule that fires wins. Kinds:

    drop_before_commit   the connection ends, nothing was done
    drop_after_commit    it was done, the answer is lost
    truncated            it was done, the answer ends in the middle
    late_commit          the connection ends, it is done `seconds` of world time later
    error_before         500, nothing was done (an Idempotency-Key remembers it)
    partial_commit       500 after `commit` elements of the batch were saved (default 1)
    error_after_commit   500 although all of it was done
    slow                 all is well after `seconds`
    html                 HTML instead of JSON, with `status` (default 503), nothing was done
    unavailable          503 "Organisation is offline", nothing was done
    unauthorised         401: the access token is refused before its time, nothing was done
    throttle             429 of `problem` minute, day, appminute or concurrent; `retry_after`
    rewritten            all is well, but every `find` in the answer's text stands there as `put`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from syncd.sandbox.http import Request
from syncd.sandbox.matching import Trigger

KINDS = (
    "drop_before_commit",
    "drop_after_commit",
    "truncated",
    "late_commit",
    "error_before",
    "partial_commit",
    "error_after_commit",
    "slow",
    "html",
    "unavailable",
    "unauthorised",
    "throttle",
    "rewritten",
)
PROBLEMS = ("minute", "day", "appminute", "concurrent")
_KNOWN = {
    "match",
    "do",
    "times",
    "after",
    "probability",
    "seconds",
    "commit",
    "status",
    "problem",
    "retry_after",
    "find",
    "put",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is to go wrong with one request."""

    do: str
    seconds: float = 0.0
    commit: int = 1
    status: int = 503
    problem: str = "minute"
    retry_after: int | None = None
    find: str = ""
    put: str = ""


class FaultPlan:
    """The rules in force and how often each still fires."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rules: list[tuple[Trigger, Fault]] = []
        self.fired: dict[str, int] = {}

    def set(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rules; one without `times` and `probability` fires once.

        Raises ValueError naming what is wrong.
        """
        dice = Random(f"{self._seed}-faults")  # noqa: S311 - drawn from the seed
        self._rules = [_rule(rule, dice) for rule in rules]

    def clear(self) -> None:
        """From here on everything goes well."""
        self._rules = []

    def pick(self, request: Request) -> Fault | None:
        """What goes wrong with this request, if anything."""
        if not self._rules:
            return None
        tenant = request.headers.get("xero-tenant-id")
        for trigger, fault in self._rules:
            if trigger.fires(request, tenant):
                self.fired[fault.do] = self.fired.get(fault.do, 0) + 1
                self._rules = [each for each in self._rules if not each[0].spent]
                return fault
        return None


def _rule(rule: Mapping[str, Any], dice: Random) -> tuple[Trigger, Fault]:
    strangers = sorted(set(rule) - _KNOWN)
    if strangers:
        raise ValueError(f"fault rule: expected some of {sorted(_KNOWN)}, got {strangers}")
    if rule.get("do") not in KINDS:
        raise ValueError(f"fault rule: `do` is one of {KINDS}, got {rule.get('do')!r}")
    if rule.get("problem", "minute") not in PROBLEMS:
        raise ValueError(f"fault rule: `problem` is one of {PROBLEMS}, got {rule['problem']!r}")
    counted = dict(rule)
    if "times" not in rule and "probability" not in rule:
        counted["times"] = 1
    fault = Fault(
        do=str(rule["do"]),
        seconds=float(rule.get("seconds", 0)),
        commit=int(rule.get("commit", 1)),
        status=int(rule.get("status", 503)),
        problem=str(rule.get("problem", "minute")),
        retry_after=rule.get("retry_after"),
        find=str(rule.get("find", "")),
        put=str(rule.get("put", "")),
    )
    return Trigger(counted, dice if "probability" in rule else None), fault
