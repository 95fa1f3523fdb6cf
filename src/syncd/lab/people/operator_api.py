"""The operator API as a person of the simulation uses it: real HTTP over the pretend network.

Used by the simulated operator. Whoever is not answered within his patience, or meets a dead daemon,
has no answer at all; he does not know whether it was done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
import anyio

from syncd.lab.daemon.machine import OPERATOR_PATH

PATIENCE_S = 60.0
UNANSWERED = 0
_API = "http://localhost/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; `status` is `UNANSWERED` when nothing did."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """It did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def may_be_done(self) -> bool:
        """It did, or nobody can tell."""
        return self.is_done or self.status == UNANSWERED

    @property
    def items(self) -> list[dict[str, Any]]:
        """The rows of a listing."""
        return list(self.body.get("items", ()))


class OperatorApi:
    """One operator's calls. Never raises for what the network or the daemon does."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get(self, path: str) -> Answer:
        """Read something under /api/v1."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Order something under /api/v1."""
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        try:
            with anyio.fail_after(PATIENCE_S):
                return await self._asked(method, path, body)
        except (TimeoutError, aiohttp.ClientError, ConnectionError, ValueError):
            return Answer(status=UNANSWERED)

    async def _asked(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(OPERATOR_PATH, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as person,
            person.request(method, f"{_API}{path}", json=body, headers=headers) as answer,
        ):
            return Answer(status=answer.status, body=json.loads(await answer.read()))
