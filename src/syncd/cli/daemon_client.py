"""Talks to a running daemon over its operator API, for every command that is not the daemon."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from syncd.cli.output import Exit, end
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import ConfigError

TIMEOUT_S = 30.0


def options_or_end(config: Path | None) -> Options:
    """The configuration, or exit 78 naming every wrong key."""
    try:
        return sources.load(config)
    except ConfigError as error:
        end(
            Exit.BAD_CONFIGURATION,
            "\n".join(
                ("The configuration cannot be used:", *(f"  {line}" for line in error.problems))
            ),
        )


class DaemonClient:
    """One command's calls."""

    def __init__(self, options: Options) -> None:
        host, _, port = options.server.listen.rpartition(":")
        self._base = f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"  # noqa: S104  (compared, not bound)
        operators = options.security.all_operators()
        self._token = operators[0].token.get_secret_value() if operators else ""

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The answer's JSON; exit 75 when no daemon answers, 1 when it says no."""
        return await self._call("GET", path, query=query)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The same for an action."""
        return await self._call("POST", path, body=body or {})

    async def probe(self, path: str) -> int:
        """The bare status of a probe; 0 when nobody answers."""
        timeout = aiohttp.ClientTimeout(total=5)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self._base + path) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def _call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.request(
                    method, self._base + path, params=query, json=body, allow_redirects=False
                ) as answer,
            ):
                text = await answer.text()
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            end(
                Exit.TRY_AGAIN,
                f"No daemon answers at {self._base} ({type(error).__name__})."
                " Is `syncd run` running, with this configuration?",
            )
        try:
            value = json.loads(text) if text else {}
        except ValueError:
            value = {"detail": text[:200]}
        if status >= 400:  # noqa: PLR2004  (HTTP's own border)
            end(Exit.FAILED, value.get("detail") or value.get("title") or f"HTTP {status}")
        return value
