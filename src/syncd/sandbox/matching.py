"""Which requests a rule of misbehaviour is meant for, and how often it still fires.

Called by the faults of the emulated Pipeline and by the server's killer. A rule is JSON:
`{"match": {"method", "path", "contains", "tenant"}, "after": n, "times": n, "probability": p, …}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from syncd.sandbox.http import Request


class Match:
    """A rule's `match`: every part named must fit.

    `path` is any run of whole segments of the request's path, `*` one segment, `$` its end;
    `contains` is a text anywhere in the query or the body.
    """

    def __init__(self, match: Mapping[str, Any]) -> None:
        known = ("method", "path", "contains", "tenant")
        strangers = sorted(set(match) - set(known))
        if strangers:
            raise ValueError(f"match: expected some of {known}, got {strangers}")
        self._method = match.get("method")
        self._path = _pattern(match["path"]) if "path" in match else None
        self._contains = str(match.get("contains", "")).encode()
        self._tenant = match.get("tenant")

    def fits(self, request: Request, tenant: str | None = None) -> bool:
        """Whether the rule is meant for this request of this tenant."""
        if self._method is not None and request.method != self._method:
            return False
        if self._tenant is not None and self._tenant != tenant:
            return False
        if self._path is not None and not self._path.search(request.path):
            return False
        return self._contains in request.raw_query.encode() or self._contains in request.body


class Trigger:
    """A match that lets the first `after` requests pass, then fires up to `times` times."""

    def __init__(self, rule: Mapping[str, Any], rng: Random | None = None) -> None:
        self._match = Match(rule.get("match", {}))
        self._after = int(rule.get("after", 0))
        self._left = None if rule.get("times") is None else int(rule["times"])
        self._probability = float(rule.get("probability", 1))
        self._rng = rng

    @property
    def spent(self) -> bool:
        """Whether it never fires again."""
        return self._left == 0

    def fires(self, request: Request, tenant: str | None = None) -> bool:
        """Whether the rule applies to this request; counts it when it does."""
        if self.spent or not self._match.fits(request, tenant):
            return False
        if self._rng is not None and self._rng.random() >= self._probability:
            return False
        if self._after > 0:
            self._after -= 1
            return False
        if self._left is not None:
            self._left -= 1
        return True


def _pattern(path: str) -> re.Pattern[str]:
    anchored = path.endswith("$")
    segments = path.removesuffix("$").strip("/").split("/")
    run = "/".join("[^/]+" if part == "*" else re.escape(part) for part in segments)
    return re.compile(rf"(?:^|/){run}" + ("/?$" if anchored else "(?:/|$)"))
