"""How the emulated Pipeline misbehaves when it is told to.

Called by `pipeline.app` once per request. A rule is JSON, see `sandbox.matching`, with `do`:

- before anything is stored: `status` (`status`, 503), `limited` (429, `retry_after_s`, 30),
  `html` (a proxy's page, `status`, 502), `drop_before_commit`, `not_found` (404), `gone` (410)
- after it is stored: `slow` (`delay_s`, 5), `error_after_commit` (`status`, 500),
  `drop_after_commit`, `truncated`, `empty` (a page without rows)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from syncd.sandbox.http import Request, Response
from syncd.sandbox.matching import Trigger
from syncd.sandbox.pipeline.exact import decode, encode
from syncd.sandbox.pipeline.problems import problem

Rule = Mapping[str, Any]
_PAGE = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


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
        self._rules = [(Trigger(rule, self._rng), rule) for rule in rules]

    def around(self, request: Request, tenant: str, answer: Callable[[], Response]) -> Response:
        """Answer the request, bent by the first rule that fires."""
        for trigger, rule in self._rules:
            if trigger.fires(request, tenant):
                instead = _BEFORE.get(rule["do"])
                return instead(rule) if instead else _AFTER[rule["do"]](rule, answer())
        return answer()


def _status(rule: Rule) -> Response:
    return problem(int(rule.get("status", 503)), "the sandbox was told to fail")


def _limited(rule: Rule) -> Response:
    wait = {"Retry-After": str(rule.get("retry_after_s", 30))}
    return problem(429, "the sandbox was told to be busy", wait)


def _html(rule: Rule) -> Response:
    status, headers = int(rule.get("status", 502)), {"Content-Type": "text/html"}
    return Response(status=status, headers=headers, body=_PAGE)


def _empty(_rule: Rule, answer: Response) -> Response:
    page = decode(answer.body) if answer.status == 200 else {}  # noqa: PLR2004 - HTTP's own number
    bare: dict[str, Any] = {"items": [], "total": 0, "changes": [], "hasMore": False}
    return replace(answer, body=encode(page | {name: bare[name] for name in bare if name in page}))


_BEFORE: dict[str, Callable[[Rule], Response]] = {
    "status": _status,
    "limited": _limited,
    "html": _html,
    "drop_before_commit": lambda _rule: Response(status=500, drop="before_commit"),
    "not_found": lambda _rule: problem(404, "the sandbox was told to find nothing"),
    "gone": lambda _rule: problem(410, "The cursor is too old; start again without one"),
}
_AFTER: dict[str, Callable[[Rule, Response], Response]] = {
    "slow": lambda rule, answer: replace(answer, delay_s=float(rule.get("delay_s", 5))),
    "error_after_commit": lambda rule, _answer: _status({"status": 500, **rule}),
    "drop_after_commit": lambda _rule, answer: replace(answer, drop="after_commit"),
    "truncated": lambda _rule, answer: replace(answer, drop="truncated"),
    "empty": _empty,
}
