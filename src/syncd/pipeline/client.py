"""One call to Pipeline: key, transport, verdict.

Called by `billing`. Everything asked of Pipeline may be asked again (reads, and puts that carry a
revision), so a lost answer is ServerTrouble here and never an unknown outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

import anyio

from syncd.domain.errors import (
    CursorTooOld,
    Garbled,
    NotFound,
    OutcomeUnknown,
    Refused,
    RemoteError,
    ServerTrouble,
    Throttled,
    TooLong,
    Unauthorised,
)
from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.text import json_text
from syncd.domain.rules.text.abridging import Abridged
from syncd.domain.rules.text.quoted import quoted
from syncd.ports.clock import Clock
from syncd.ports.transport import HttpRequest, HttpResponse, Transport

_SYSTEM = "pipeline"
_FINE, _REFUSED = 2, 4  # the hundreds of a status
_WAIT_S = 30.0
_LEAST_WAIT_S = 1.0
"""A 429 that asks for no wait is not believed; each further one in a row doubles the wait."""
MOST_BYTES = 8 * 1024 * 1024
"""Of one answer: four of the longest invoices the contract allows."""
_DAY_S = 86_400.0
_LONGEST_PAUSE_S = 60.0
"""A reset further away than this is not believed: Pipeline's clock says it, not the daemon's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRemote:
    """Where a tenant's Pipeline is, and the key to it."""

    url: str
    """The API's base, e.g. `https://app.pipeline.software/api/v1`."""
    api_key: str = field(repr=False)
    transport: Transport


class PipelineRequest(Value, frozen=True, kw_only=True):
    """What a call asks, and so how its answer is to be taken."""

    not_shown = ("body",)

    operation: str
    method: str
    target: str
    """Path and query below the API's base."""
    body: bytes | None = None
    is_point_read: bool = False
    is_feed: bool = False
    is_abridged: bool = False
    """Long strings and lists of its answer are cut as it comes (`rules.text.abridging`)."""


class PipelineClient:
    """Calls Pipeline for every tenant in `remotes`."""

    def __init__(
        self,
        remotes: Mapping[TenantId, PipelineRemote],
        *,
        clock: Clock,
        timeout_s: float = 30.0,
    ) -> None:
        self._remotes = dict(remotes)
        self._clock = clock
        self._timeout_s = timeout_s
        self._waits_until_s: dict[TenantId, float] = {}
        """By the loop's clock: whose key may not be used before."""
        self._throttles: Counter[TenantId] = Counter()
        """How many 429s each tenant had in a row."""

    def use_key(self, tenant: TenantId, key: str) -> None:
        """Call that tenant's Pipeline with another key from now on; others are none of ours."""
        if tenant in self._remotes:
            self._remotes[tenant] = replace(self._remotes[tenant], api_key=key)

    def take_in(self, tenant: TenantId, remote: PipelineRemote) -> None:
        """A tenant that is served from now on."""
        self._remotes[tenant] = remote

    def let_go(self, tenant: TenantId) -> None:
        """A tenant that is served no more: its key is forgotten."""
        self._remotes.pop(tenant, None)
        self._waits_until_s.pop(tenant, None)
        self._throttles.pop(tenant, None)

    async def request(self, tenant: TenantId, asked: PipelineRequest) -> bytes:
        """The body of a good answer. Raises RemoteError's leaves."""
        remote = self._remotes[tenant]
        self._wait_for_limit(tenant, asked)
        headers = {"Authorization": f"Bearer {remote.api_key}", "Accept": "application/json"}
        if asked.body is not None:
            headers["Content-Type"] = "application/json"
        try:
            response = await remote.transport.send(
                HttpRequest(
                    method=asked.method,
                    url=f"{remote.url.rstrip('/')}{asked.target}",
                    headers=headers,
                    body=asked.body,
                    timeout_s=self._timeout_s,
                    max_bytes=MOST_BYTES,
                    sift=Abridged() if asked.is_abridged else None,
                )
            )
        except (OutcomeUnknown, TooLong) as error:
            kind = TooLong if isinstance(error, TooLong) else ServerTrouble
            text = f"Pipeline, asked for {asked.operation}: {error}"
            raise kind(text, system=_SYSTEM) from error
        self._learn(tenant, response)
        fault = classify(response, asked, now=self._clock.now())
        if isinstance(fault, Throttled):
            patient = self._patient(tenant, asked, fault)
            # The key is asked to wait, whatever was asked with it.
            self._waits_until_s[tenant] = anyio.current_time() + patient.retry_after_s
            raise patient
        del self._throttles[tenant]
        if fault is not None:
            raise fault
        return response.body

    def _patient(self, tenant: TenantId, asked: PipelineRequest, fault: Throttled) -> Throttled:
        """The same 429 with a wait that grows while they come in a row."""
        self._throttles[tenant] += 1
        least_s = _LEAST_WAIT_S * 2.0 ** min(self._throttles[tenant] - 1, 6)
        wait_s = max(fault.retry_after_s, min(least_s, _LONGEST_PAUSE_S))
        return Throttled(
            f"Pipeline's limit is reached; {asked.operation} waits {wait_s:.0f} s",
            retry_after_s=wait_s,
            limit=fault.limit,
            system=_SYSTEM,
        )

    def _wait_for_limit(self, tenant: TenantId, asked: PipelineRequest) -> None:
        """Nothing is left until a known instant: a call would only be answered 429."""
        until_s = self._waits_until_s.get(tenant)
        if until_s is None:
            return
        wait_s = until_s - anyio.current_time()
        if wait_s <= 0:
            del self._waits_until_s[tenant]
            return
        raise Throttled(
            f"Pipeline's allowance is spent; {asked.operation} waits {wait_s:.0f} s",
            retry_after_s=wait_s,
            limit="pipeline",
            system=_SYSTEM,
        )

    def _learn(self, tenant: TenantId, response: HttpResponse) -> None:
        is_spent = response.headers.get("x-ratelimit-remaining", "").strip() == "0"
        pause_s = _until_reset_s(response, self._clock.now())
        if is_spent and pause_s is not None:
            self._waits_until_s[tenant] = anyio.current_time() + pause_s


def classify(
    response: HttpResponse, asked: PipelineRequest, *, now: datetime
) -> RemoteError | None:
    """The error an answer is, or None when its body may be read (sync-api.yaml)."""
    status, century = response.status, response.status // 100
    problem = _problem(response)
    words = _detail(problem)
    text = f"Pipeline answered {status} to {asked.operation}: {words or 'no reason given'}"
    if century == _FINE:
        return _unreadable(response, asked)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _throttled(response, asked, now)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        text = f"{text}. Check the tenant's Pipeline key (pipeline_key)."
        return Unauthorised(text, cause="key_refused", system=_SYSTEM, detail=words)
    if status == HTTPStatus.REQUEST_URI_TOO_LONG and asked.is_feed:
        # Its own cursor is too long for its own address: it would be refused for ever.
        return CursorTooOld(text, system=_SYSTEM)
    kind = _kind(response, asked) if problem else ServerTrouble
    return kind(text, system=_SYSTEM, status=status, detail=words)


def _kind(response: HttpResponse, asked: PipelineRequest) -> type[RemoteError]:
    """What a JSON refusal means. "Not found" and "gone" must be Pipeline's own problem."""
    is_problem = "problem+json" in _type(response)
    match response.status:
        case HTTPStatus.NOT_FOUND:
            return NotFound if asked.is_point_read and is_problem else ServerTrouble
        case HTTPStatus.GONE:
            return CursorTooOld if is_problem else ServerTrouble
        case status if status // 100 == _REFUSED:
            return Refused
        case _:  # redirects and 5xx are trouble like any other
            return ServerTrouble


def _throttled(response: HttpResponse, asked: PipelineRequest, now: datetime) -> Throttled:
    digits = response.headers.get("retry-after", "").strip()
    if digits.isascii() and digits.isdecimal():
        wait_s = min(float(digits), _DAY_S)
    else:
        wait_s = _until_reset_s(response, now) or _WAIT_S
    return Throttled(
        f"Pipeline's limit is reached; {asked.operation} waits {wait_s:.0f} s",
        retry_after_s=wait_s,
        limit="pipeline",
        system=_SYSTEM,
    )


def _unreadable(response: HttpResponse, asked: PipelineRequest) -> Garbled | None:
    if "json" in _type(response):
        return None
    found = quoted(_type(response), longest=60) or "no content type"
    text = f"Pipeline answered {asked.operation} with {found}, expected JSON"
    return Garbled(text, system=_SYSTEM)


def _problem(response: HttpResponse) -> dict[str, Any]:
    """The body where it is a JSON object; empty when it was not Pipeline that spoke."""
    return json_text.object_of(response.body) if "json" in _type(response) else {}


def _type(response: HttpResponse) -> str:
    """A media type is the same in any letters (RFC 9110)."""
    return response.headers.get("content-type", "").lower()


def _detail(problem: dict[str, Any]) -> str:
    for name in ("detail", "title"):
        text = problem.get(name)
        if isinstance(text, str) and quoted(text):
            return quoted(text)
    return ""


def _until_reset_s(response: HttpResponse, now: datetime) -> float | None:
    """How long until the limit's window ends; None where it does not say so, or has ended."""
    said = response.headers.get("x-ratelimit-reset", "").strip()
    if not (said.isascii() and said.isdecimal()) or len(said) > 11:  # noqa: PLR2004 - unix seconds, not milliseconds
        return None
    left_s = int(said) - now.timestamp()
    return min(left_s, _LONGEST_PAUSE_S) if left_s > 0 else None
