"""Tells pages that something has moved: a signal without content, over one stream a tab.

A fold over facts. What has moved is read again by the page itself, under its own role, and drawn
once for all who read the same part within a second. A signal that is lost costs nothing, for a
later one says the same. `observe` is one of the daemon's observers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

import anyio
from aiohttp import web

from syncd.domain import facts
from syncd.domain.facts import Fact

MOST_STREAMS = 64
BEAT_S = 10.0
"""A sign of life this often: a page says so when none came for longer."""
PAUSE_S = 2.0
"""So long between two signals to one tab; half of it, once, where the common instant is near."""
_PAUSE_A_TAB_S = 0.4
"""And so long for each that is open, up to `_LONGEST_PAUSE_S`: few parts are read a second."""
_LONGEST_PAUSE_S = BEAT_S - PAUSE_S
SHARED_S = 1.0
_MOST_SHARED = MOST_STREAMS
_OF_A_PAGE = {"Content-Type", "Content-Length"}
_MOVING = (
    facts.ChangesTaken,
    facts.JobsSettled,
    facts.BrakeMoved,
    facts.ConnectionChanged,
    facts.TokenRefreshed,
    facts.RemoteMoved,
    facts.TenantSampled,
    facts.WebhooksDigested,
    facts.WebhooksReceived,
    facts.FindingsReviewed,
    facts.StoreStanding,
    facts.TenantServed,
)


def _is_as_before(fact: Fact) -> bool:
    """A review that changed nothing: reading the page of findings is one, and would end never."""
    if not isinstance(fact, facts.FindingsReviewed):
        return False
    return not (fact.opened or fact.closed or fact.missed)


class LiveStream:
    """What one tab is told of a tenant, or of all: that something has moved, however often."""

    def __init__(self, tenant: str, listening: set[LiveStream]) -> None:
        self.tenant = tenant
        self._listening = listening
        listening.add(self)
        self._told = anyio.Event()
        self._ended = anyio.Event()

    def tell(self) -> None:
        """Something has moved; it is told no more until it has heard that."""
        self._listening.discard(self)
        self._told.set()

    def end(self) -> None:
        """Nothing more is told."""
        self._listening.discard(self)
        self._ended.set()
        self._told.set()

    async def told(self, within_s: float) -> bool | None:
        """Whether something has moved since it was asked last; None once the stream has ended."""
        with anyio.move_on_after(within_s):
            await self._told.wait()
        if self._ended.is_set():
            return None
        has_moved = self._told.is_set()
        if has_moved:
            self._told = anyio.Event()
            self._listening.add(self)
        return has_moved

    async def rest(self, for_s: float) -> None:
        """Wait that long, or until the stream ends."""
        with anyio.move_on_after(for_s):
            await self._ended.wait()


class LiveStreams:
    """The open streams of all tabs; at most `MOST_STREAMS`."""

    def __init__(self) -> None:
        self._open: set[LiveStream] = set()
        self._listening: set[LiveStream] = set()
        """Those not told yet: mostly none, where invoice after invoice moves."""
        self._counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    @property
    def pause_s(self) -> float:
        """How often tabs are told while things move: the more there are, the less often."""
        return min(_LONGEST_PAUSE_S, max(PAUSE_S, _PAUSE_A_TAB_S * len(self._open)))

    def observe(self, fact: Fact) -> None:
        """Signal that the fact moved something."""
        if self._open and type(fact) in _MOVING and not _is_as_before(fact):
            tenant = getattr(fact, "tenant", "")
            self._counts[tenant] += 1
            self.tell(tenant)

    def tell(self, tenant: str) -> None:
        """Tell the tabs of a tenant, and those that look at all; every tab where none is named."""
        for stream in tuple(self._listening):
            if stream.tenant == tenant or not (tenant and stream.tenant):
                stream.tell()

    def moved(self, tenant: str) -> int:
        """How often something of this tenant has moved while anybody looked."""
        return self._counts[tenant] + self._counts[""] if tenant else self._counts.total()

    def join(self, tenant: str) -> LiveStream | None:
        """Signals of a tenant, or of all; None when there are too many streams already."""
        if len(self._open) >= MOST_STREAMS:
            return None
        stream = LiveStream(tenant, self._listening)
        self._open.add(stream)
        return stream

    def leave(self, stream: LiveStream) -> None:
        """Forget a stream."""
        stream.end()
        self._open.discard(stream)

    def end(self) -> None:
        """End every stream: the daemon drains."""
        for stream in self._open:
            stream.end()
        self._open.clear()

    async def beats(self, stream: LiveStream) -> AsyncIterator[bool]:
        """True when something has moved, False as a sign of life; ends with the stream.

        The first signal comes at once, the next ones after a rest, however much moves meanwhile.
        All tabs wake at the same instants, so that what they read is drawn once.
        """
        rested_s = 0.0
        while (has_moved := await stream.told(BEAT_S - rested_s)) is not None:
            yield has_moved
            rested_s = self._rest_s() if has_moved else 0.0
            await stream.rest(rested_s)

    def _rest_s(self) -> float:
        pause_s = self.pause_s
        left_s = pause_s - anyio.current_time() % pause_s
        return left_s if left_s >= PAUSE_S / 2 else left_s + pause_s


class _Drawn:
    """A part that is being drawn, or was: `answer` is None where that failed."""

    def __init__(self, moved: int) -> None:
        self.began_s = anyio.current_time()
        self.moved = moved
        self.is_done = anyio.Event()
        self.answer: web.Response | None = None


class SharedParts:
    """Parts of pages, drawn once for all tabs that show the same to the same role."""

    def __init__(self, streams: LiveStreams) -> None:
        self._streams = streams
        self._drawn: dict[Hashable, _Drawn] = {}

    async def of(
        self, key: Hashable, tenant: str, draw: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """The part of this key. Whoever gets what was begun before a move is told of it again."""
        drawn = self._drawn.get(key)
        if drawn is not None and anyio.current_time() - drawn.began_s < SHARED_S:
            await drawn.is_done.wait()
            if drawn.answer is not None:
                if drawn.moved != self._streams.moved(tenant):
                    self._streams.tell(tenant)
                return _again(drawn.answer)
        drawn = self._begun(key, tenant)
        try:
            answer = await draw()
            if isinstance(answer, web.Response) and _is_page(answer):
                drawn.answer = answer
        finally:
            drawn.is_done.set()
        return answer if drawn.answer is None else _again(drawn.answer)

    def _begun(self, key: Hashable, tenant: str) -> _Drawn:
        now = anyio.current_time()
        self._drawn = {
            each: one for each, one in self._drawn.items() if now - one.began_s < SHARED_S
        }
        drawn = _Drawn(self._streams.moved(tenant))
        if len(self._drawn) < _MOST_SHARED:
            self._drawn[key] = drawn
        return drawn


def _is_page(answer: web.Response) -> bool:
    """Whether it says nothing but what it shows: no refusal, and nowhere else to go."""
    return answer.status == web.HTTPOk.status_code and set(answer.headers) <= _OF_A_PAGE


def _again(answer: web.Response) -> web.Response:
    """The same answer for another request, which an answer belongs to once it is sent."""
    return web.Response(body=answer.body, content_type=answer.content_type, charset=answer.charset)
