"""How the emulated Pipeline misbehaves when it is told to.

Called by `pipeline.app` once per request. A rule is JSON, see `sandbox.matching`; without `times`
and `probability` it fires once. `do` is, with the names the pretend Xero uses too:

    drop_before_commit   the connection ends, nothing was stored
    drop_after_commit    it was stored, the answer is lost
    truncated            it was stored, the answer ends in the middle
    error_before         `status` (500), nothing was stored
    error_after_commit   `status` (500) although all of it was stored
    slow                 all is well after `seconds` (5)
    html                 a proxy's HTML page with `status` (503), nothing was stored
    unavailable          503, nothing was stored
    throttle             429, come again after `retry_after` (30) seconds; null: it does not say
    not_found            404 whatever there is
    gone                 410, the cursor is too old
    empty                a page without rows
    rewritten            all is well, but every `find` in the answer's text stands there as `put`

A late commit is ordered from the server around the world: `hold` at `read`, see `sandbox.killer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from syncd.sandbox.http import Request, Response, rewritten
from syncd.sandbox.matching import Trigger
from syncd.sandbox.pipeline.exact import decode, encode
from syncd.sandbox.pipeline.problems import problem

Rule = Mapping[str, Any]
_PAGE = b"<html><head><title>Unavailable</title></head><body><h1>Try later</h1></body></html>"


class Faults:
    """The rules in force; each fires by its own counts and chance."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._rules: list[tuple[Trigger, Rule]] = []

    def set(self, rules: Sequence[Rule]) -> None:
        """Replace every rule. Raises ValueError naming a rule that is not understood."""
        for rule in rules:
            if rule.get("do") not in {**_BEFORE, **_AFTER}:
                known = [*_BEFORE, *_AFTER]
                raise ValueError(f"do: expected one of {known}, got {rule.get('do')!r}")
        self._rules = [(Trigger(_counted(rule), self._rng), rule) for rule in rules]

    def around(self, request: Request, tenant: str, answer: Callable[[], Response]) -> Response:
        """Answer the request, bent by the first rule that fires."""
        for trigger, rule in self._rules:
            if trigger.fires(request, tenant):
                instead = _BEFORE.get(rule["do"])
                return instead(rule) if instead else _AFTER[rule["do"]](rule, answer())
        return answer()


def _counted(rule: Rule) -> Rule:
    return rule if "times" in rule or "probability" in rule else {**rule, "times": 1}


def _failed(rule: Rule) -> Response:
    return problem(int(rule.get("status", 500)), "the sandbox was told to fail")


def _throttled(rule: Rule) -> Response:
    seconds = rule.get("retry_after", 30)
    wait = {} if seconds is None else {"Retry-After": str(seconds)}
    return problem(429, "the sandbox was told to be busy", wait)


def _html(rule: Rule) -> Response:
    status, headers = int(rule.get("status", 503)), {"Content-Type": "text/html"}
    return Response(status=status, headers=headers, body=_PAGE)


def _empty(_rule: Rule, answer: Response) -> Response:
    page = decode(answer.body) if answer.status == 200 else {}  # noqa: PLR2004 - HTTP's own number
    bare: dict[str, Any] = {"items": [], "total": 0, "changes": [], "hasMore": False}
    return replace(answer, body=encode(page | {name: bare[name] for name in bare if name in page}))


_BEFORE: dict[str, Callable[[Rule], Response]] = {
    "drop_before_commit": lambda _rule: Response(status=500, drop="before_commit"),
    "error_before": _failed,
    "html": _html,
    "unavailable": lambda _rule: problem(503, "the sandbox was told to be away"),
    "throttle": _throttled,
    "not_found": lambda _rule: problem(404, "the sandbox was told to find nothing"),
    "gone": lambda _rule: problem(410, "The cursor is too old; start again without one"),
}
_AFTER: dict[str, Callable[[Rule, Response], Response]] = {
    "slow": lambda rule, answer: replace(answer, delay_s=float(rule.get("seconds", 5))),
    "error_after_commit": lambda rule, _answer: _failed(rule),
    "drop_after_commit": lambda _rule, answer: replace(answer, drop="after_commit"),
    "truncated": lambda _rule, answer: replace(answer, drop="truncated"),
    "empty": _empty,
    "rewritten": lambda rule, answer: rewritten(answer, str(rule["find"]), str(rule["put"])),
}
