"""The Transport port over aiohttp: one session, and so one pool of connections, per remote.

The only place of the daemon's outward side that knows aiohttp. The connector is handed in, so
that the simulation may hand in one whose wire is in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from syncd.domain.errors import NotSent, OutcomeUnknown, TooLong
from syncd.ports.transport import HttpRequest, HttpResponse

CONNECT_TIMEOUT_S = 10.0
_PART_TO_CONNECT = 0.5
"""Of a request's time: what has looked up no name and got no connection by then has not left."""
KEEPALIVE_S = 15.0
"""Shorter than servers keep theirs: a write on a connection just dropped costs a probe."""
_ACCEPT_ENCODING = "gzip, deflate"  # what aiohttp decodes without further libraries


class _NotLet(aiohttp.ClientError):
    """Whoever says what may leave said no."""


def _asking(may_leave: Callable[[], bool]) -> type[aiohttp.ClientRequest]:
    """Requests that ask once more when the connection stands, right before their first byte."""

    class Asking(aiohttp.ClientRequest):
        async def send(self, conn: Connection) -> aiohttp.ClientResponse:
            if not may_leave():
                raise _NotLet("this replica works no more")
            return await super().send(conn)

    return Asking


class _Dropped(aiohttp.ClientError):
    """A connection lost under way, in words aiohttp does not take for a reason to send again."""


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating PUT and GET when a kept-alive connection drops.

    It does so by itself for idempotent methods (aiohttp issue 10790), past intent, key and
    allowance. Only errors of these two families make it repeat.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Dropped("the connection broke off") from error


class AiohttpTransport:
    """Carries requests to one remote. Make it, use it and close it in one event loop.

    While `may_leave` says no, nothing does: NotSent.
    """

    def __init__(
        self,
        connector: aiohttp.BaseConnector,
        *,
        system: str = "",
        user_agent: str = "syncd",
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        may_leave: Callable[[], bool] | None = None,
    ) -> None:
        self._system = system
        self._connect_timeout_s = connect_timeout_s
        self._session = aiohttp.ClientSession(
            connector=connector,
            request_class=aiohttp.ClientRequest if may_leave is None else _asking(may_leave),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": _ACCEPT_ENCODING, "User-Agent": user_agent},
            middlewares=(_send_once,),
            raise_for_status=False,
            trust_env=False,
            auto_decompress=True,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of every connection. Idempotent."""
        await self._session.close()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """The answer, whatever its status; redirects are answers too.

        Raises NotSent when the remote could not be reached at all (name unknown, refused, no
        handshake, no connection free in time), TooLong when the answer has more than `max_bytes`,
        and OutcomeUnknown for everything else: time-out, dropped or half an answer.
        """
        try:
            return await self._exchange(request)
        except aiohttp.ConnectionTimeoutError as error:
            raise self._not_sent(request, "no connection in time") from error
        except (_NotLet, aiohttp.ClientConnectorError) as error:
            raise self._not_sent(request, str(error) or "no connection") from error
        except aiohttp.InvalidURL as error:
            raise self._not_sent(request, "this is no address") from error
        except TimeoutError as error:
            message = f"no whole answer within {request.timeout_s:g} s"
            raise self._unknown(request, message) from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unknown(request, _told(error)) from error

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        timeout = aiohttp.ClientTimeout(
            total=request.timeout_s,
            connect=_PART_TO_CONNECT * request.timeout_s,
            sock_connect=min(self._connect_timeout_s, request.timeout_s),
        )
        async with self._session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=request.headers,
            data=request.body,
            allow_redirects=False,
            timeout=timeout,
        ) as answer:
            body = await self._read(answer, request)
            return HttpResponse(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=body,
                # A body that cannot be, as after a 204, has a reader that counts nothing.
                wire_bytes=answer.content.total_raw_bytes if body else 0,
            )

    async def _read(self, answer: aiohttp.ClientResponse, request: HttpRequest) -> bytes:
        parts: list[bytes] = []
        size = passed = 0
        most_passed = request.max_bytes if request.sift is None else request.max_sifted_bytes
        async for part in answer.content.iter_any():
            passed += len(part)
            kept = part if request.sift is None else request.sift(part)
            size += len(kept)
            if size > request.max_bytes or passed > most_passed:
                answer.close()
                most = request.max_bytes if size > request.max_bytes else most_passed
                raise TooLong(f"the answer is longer than {most:,} bytes", system=self._system)
            parts.append(kept)
        return b"".join(parts)

    def _not_sent(self, request: HttpRequest, why: str) -> NotSent:
        what = f"{request.method} {_where(request.url)}"
        return NotSent(f"{what} could not be sent: {why}", system=self._system)

    def _unknown(self, request: HttpRequest, why: str) -> OutcomeUnknown:
        what = f"{request.method} {_where(request.url)}"
        return OutcomeUnknown(
            f"{what} was sent, its outcome is unknown: {why}", system=self._system
        )


def tcp_transport(system: str, may_leave: Callable[[], bool] | None = None) -> AiohttpTransport:
    """A transport over TCP with a pool of its own."""
    connector = aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_S)
    return AiohttpTransport(connector, system=system, may_leave=may_leave)


def _told(error: Exception) -> str:
    """What broke, up to where aiohttp quotes the answer's bytes: a token may be among them.

    Nor with the address it adds, whose query can hold business data.
    """
    text = getattr(error, "message", None) or str(error)
    words = str(text).removeprefix("400, message:").partition(":")[0].split()
    return " ".join(words) or "the connection broke off"


def _where(url: str) -> str:
    """An address as it may be shown: without its query, which can hold business data."""
    return url.partition("?")[0]
