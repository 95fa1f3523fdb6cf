"""Passes a request on to the replica that works, and its answer back, both as they come.

Nothing of either is kept: bodies of any length and event streams pass through. Host, Origin and
cookies stay as they were, so the holder answers as if it had been asked itself; what belongs to one
connection is left out. A request is sent once: no answer is an answer of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import aiohttp
import anyio
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from syncd.domain.model.replica import RequestForwarded
from syncd.ports.observer import Observer
from syncd.web.http.forwarded import HEADER, ReplicaKeys

CONNECT_WITHIN_S = 2.0
ANSWER_WITHIN_S = 1800.0
"""Until the answer begins, while the holder stays the holder: a plan or a report of large books
takes as long as Xero's limits make it. How long it goes on is the holder's."""
LOOK_EVERY_S = 0.5
"""So often it is asked whether it still is: one that died is followed by another."""
_OF_A_CONNECTION = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "proxy-authenticate"),
        *("proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "expect"),
    }
)
_OURS_TO_ADD = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
"""What the client library would add where the request says nothing."""


def tcp() -> aiohttp.BaseConnector:
    """A connection for each request, which is sent once: one that was kept could break under it."""
    return aiohttp.TCPConnector(force_close=True)


class NotAnswered(Exception):
    """The holder did not answer, or nobody holds the lease."""


class Forwarder:
    """Passes requests on while it is open. `address` says where the holder answers; None: nowhere.

    `vouched` is a header that says who somebody is; it is passed on only where `is_vouched_for`
    says that the address it came from may say so.
    """

    def __init__(
        self,
        connector: aiohttp.BaseConnector,
        *,
        service: str,
        address: Callable[[], str | None],
        keys: ReplicaKeys,
        observe: Observer,
        vouched: str | None = None,
        is_vouched_for: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._service = service
        self._address = address
        self._keys = keys
        self._observe = observe
        self._vouched = vouched
        self._is_vouched_for = is_vouched_for
        self._under_way: set[aiohttp.ClientResponse] = set()
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            raise_for_status=False,
            trust_env=False,
            skip_auto_headers=_OURS_TO_ADD,
        )

    async def close(self) -> None:
        """Break off what is under way. Idempotent."""
        for answer in self._under_way:
            answer.close()  # the library leaves those alone that are being read
        await self._session.close()

    async def forward(
        self,
        request: web.Request,
        *,
        body: bytes | None = None,
        within_s: float | None = None,
    ) -> web.StreamResponse:
        """The holder's answer, given on as it comes. `body` is the request's, where it was read.

        Raises NotAnswered when no answer began; nothing was said to the client then.
        """
        try:
            answer = await self._asked(request, body, within_s or ANSWER_WITHIN_S)
        except NotAnswered:
            self._observe(RequestForwarded(service=self._service, is_answered=False))
            raise
        self._observe(RequestForwarded(service=self._service, is_answered=True))
        self._under_way.add(answer)
        try:
            async with answer:
                return await _given_on(request, answer)
        finally:
            self._under_way.discard(answer)

    async def _asked(
        self, request: web.Request, body: bytes | None, within_s: float
    ) -> aiohttp.ClientResponse:
        address = self._address()
        said = request.headers.get(HEADER)
        if address is None or (said is not None and self._keys.peer_of(said) is not None):
            # Passed on to us: whoever did so takes us for the holder, and so would we it.
            raise NotAnswered
        data = body if body is not None else request.content if request.can_read_body else None
        sent = self._session.request(
            request.method,
            _at(address, request),
            headers=self._headers(request),
            data=data,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_WITHIN_S),
        )
        answer: aiohttp.ClientResponse | None = None
        failed: Exception | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(self._ends_with, address, group.cancel_scope)
            try:
                with anyio.fail_after(within_s):
                    answer = await sent
            except (aiohttp.ClientError, OSError, TimeoutError, RuntimeError) as error:
                failed = error
            group.cancel_scope.cancel()
        if answer is None:
            raise NotAnswered from failed
        return answer

    async def _ends_with(self, address: str, asking: anyio.CancelScope) -> None:
        """Give up asking at an address that is not the holder's any more."""
        while True:
            await anyio.sleep(LOOK_EVERY_S)
            if self._address() != address:
                asking.cancel()
                return

    def _headers(self, request: web.Request) -> CIMultiDict[str]:
        passed = _of_the_message(request.headers)
        passed.popall(HEADER, None)
        if self._vouched is not None and not self._is_vouched_for(request.remote or ""):
            passed.popall(self._vouched, None)
        passed[HEADER] = self._keys.said(request.remote or "")
        return passed


async def _given_on(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    passed = web.StreamResponse(status=answer.status, reason=answer.reason)
    passed.headers.extend(_of_the_message(answer.headers))
    await passed.prepare(request)
    try:
        async for part in answer.content.iter_any():
            await passed.write(part)
    except (aiohttp.ClientError, OSError, TimeoutError):
        # Half an answer must not look like a whole one.
        if request.transport is not None:
            request.transport.abort()
        return passed
    await passed.write_eof()
    return passed


def _at(address: str, request: web.Request) -> URL:
    """What is asked for, at the holder: of a target that names a host the path alone."""
    target = request.raw_path
    if not target.startswith("/"):
        target = request.rel_url.raw_path_qs
    return URL(f"{address}/{target.removeprefix('/')}", encoded=True)


def _of_the_message(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers without those of the connection, among them what `Connection` names."""
    left_out = _OF_A_CONNECTION | set(_named(headers))
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in left_out
    )


def _named(headers: CIMultiDictProxy[str]) -> Iterator[str]:
    for value in headers.getall("Connection", ()):
        yield from (name.strip().lower() for name in value.split(","))
