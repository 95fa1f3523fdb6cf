"""Talks to a running daemon over its operator API, for every command that is not the daemon."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import quote

import aiohttp
import anyio

from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.parameters import Daemon, Reached
from syncd.config import access
from syncd.domain.errors import ConfigError

TIMEOUT_S = 30.0
PROBE_TIMEOUT_S = 5.0
CONNECT_WITHIN_S = 10.0
_LOOK_FIRST = "What was ordered may have been done, or go on: look first."
_SHOWN = 120
"""Characters of what is no answer of ours: the beginning tells whose it is."""
_IN_BETWEEN = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


def path_of(*parts: str) -> str:
    """A path of these parts, whatever characters a name brings."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def refused(status: int, answer: Mapping[str, Any]) -> NoReturn:
    """End the command with what the daemon said: 75 where it may answer otherwise later."""
    is_later = status == HTTPStatus.SERVICE_UNAVAILABLE
    code = Exit.TRY_AGAIN if is_later else Exit.FAILED
    end(code, answer.get("detail") or answer.get("title") or f"HTTP {status}")


class DaemonClient:
    """One command's calls, to the daemon and as the operator that were named or are configured."""

    def __init__(self, daemon: Daemon = None, *, timeout_s: float = TIMEOUT_S) -> None:
        """Ends the command with 78 when no address or no token is known."""
        self._timeout_s = timeout_s
        to = daemon or Reached()
        try:
            self._base = access.address(to.url, to.config)
            self._token = access.token(to.token_file, to.config)
        except ConfigError as error:
            end(Exit.BAD_CONFIGURATION, "\n  ".join(error.problems))

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The answer's JSON; exit 75 when no daemon answers, 1 when it says no."""
        return await self._call("GET", path, query=query)

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        """The same for an action."""
        return await self._call("POST", path, body=body or {}, query=query)

    async def delete(self, path: str) -> Any:
        """The same for what is to go."""
        return await self._call("DELETE", path)

    async def attempt(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """An action that may be refused for a reason worth showing: the status, and the JSON."""
        return await self._answer("POST", path, body=body)

    async def good_answer(self, path: str) -> Any | None:
        """A good answer's JSON; None for any other, or none at all."""
        text = await self.text(path)
        return None if text is None else _object_of(text)

    async def text(self, path: str) -> str | None:
        """A good answer's text; None for any other, or none at all."""
        headers = {"Authorization": f"Bearer {self._token}"}
        timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.get(self._base + path) as answer,
            ):
                return _text_of(await answer.read()) if answer.status == HTTPStatus.OK else None
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def checks(self) -> dict[str, Any]:
        """What the daemon's own checks say, by name, whether or not all is well."""
        _, value = await self._answer("GET", "/readyz", query={"verbose": ""})
        found: dict[str, Any] = value.get("checks", {})
        return {name: rows[0] for name, rows in found.items()}

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        status, value = await self._answer(method, path, **more)
        if status >= HTTPStatus.BAD_REQUEST:
            refused(status, value)
        return value

    async def _answer(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        timeout = aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=CONNECT_WITHIN_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.request(
                    method,
                    self._base + path,
                    params=query,
                    json=body,
                    allow_redirects=False,
                ) as answer,
            ):
                text = _text_of(await answer.read())
        except aiohttp.ClientSSLError as error:
            end(Exit.FAILED, f"No safe connection to {self._base}: {_why_unsafe(error)}.")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
            end(
                Exit.TRY_AGAIN,
                f"No daemon answers at {self._base}."
                " Is `syncd run` running there? --url and SYNCD_URL name another address.",
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            end(Exit.TRY_AGAIN, self._broken_off(method, error))
        except anyio.get_cancelled_exc_class():
            if method != "GET":
                complain(f"Cut short. {_LOOK_FIRST}")
            raise
        found = _object_of(text)
        if found is None and (text or answer.status < HTTPStatus.BAD_REQUEST):
            end(*self._of_another(answer, text))
        return answer.status, found or {}

    def _broken_off(self, method: str, error: Exception) -> str:
        """A daemon that took a request and gave no answer, in words."""
        how = f"within {self._timeout_s:g} s" if isinstance(error, TimeoutError) else "to its end"
        ordered = "" if method == "GET" else f" {_LOOK_FIRST}"
        return f"The daemon at {self._base} did not answer {how}.{ordered}"

    def _of_another(self, answer: aiohttp.ClientResponse, text: str) -> tuple[Exit, str]:
        """How to end, and why, where what answered is no daemon."""
        if answer.status in _IN_BETWEEN:
            return Exit.TRY_AGAIN, (
                f"What stands before the daemon at {self._base} answers HTTP {answer.status}: it "
                "does not reach the daemon, or did not wait for its answer."
            )
        to = answer.headers.get("Location", "")
        said = f"it leads to {to}" if to else " ".join(text.split())
        return Exit.FAILED, (
            f"{self._base} does not answer as syncd does, but with HTTP {answer.status}: "
            f"{said[:_SHOWN] or 'nothing'}. Is it the operators' address, and does a sign-in page "
            "stand before it?"
        )


def _why_unsafe(error: aiohttp.ClientSSLError) -> str:
    certificate = getattr(error, "certificate_error", None)
    return getattr(certificate, "verify_message", "") or str(error.os_error.strerror or error)


def _text_of(body: bytes) -> str:
    """What came, whatever it is."""
    return body.decode("utf-8", "replace")


def _object_of(text: str) -> dict[str, Any] | None:
    """An answer's JSON; None where it is none of ours."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
