"""Where aiohttp 3.14 and anyio 4.16 read clocks, dice, addresses or threads, and what stands there.

`virtual_loop` makes everything deterministic that goes through the loop. This is the rest, found by
reading their source; the lab is the only place that patches a library, and only while it runs:

    aiohttp.connector.monotonic            age of pooled connections      loop time
    aiohttp.connector.random               which host's waiter goes next  a seeded generator
    aiohttp.connector.ResponseHandler,
      ._TransportPlaceholder               kept in sets, by address       numbered
    aiohttp.helpers.time                   the Date header, cached        pretend wall time
    aiohttp.cookiejar.time                 expiry of cookies              pretend wall time
    aiohttp: asyncio.Task                  from Python 3.12 on: made      numbered, and owned
                                           past the loop, started eagerly
    aiohttp.compression_utils              gzip of > 4 KiB in a thread    at once, on the loop
    anyio._backends._asyncio.CancelScope   kept in sets, by address       numbered
    anyio's get_async_backend              which library runs, asked      asyncio, answered
                                           40,000 times a day             without looking
    anyio._backends._asyncio._task_states  each task's scopes, which hold a table of the run's own,
                                           that task: the killed for ever gone with it
    anyio.current_time                     the running loop, by way of    the same, without
                                           that                           the way

Not covered, because nothing here uses them: websocket masks, multipart boundaries, digest
authentication, file bodies, and the access log's timestamps (run with `access_log=None`).
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

import aiohttp.client_reqrep
import aiohttp.compression_utils
import aiohttp.connector
import aiohttp.cookiejar
import aiohttp.helpers
import aiohttp.web_app
import aiohttp.web_protocol
import anyio
import anyio._backends._asyncio as anyio_backend
import anyio._core._eventloop as anyio_eventloop
import anyio._core._synchronization as anyio_synchronization
import anyio._core._tasks as anyio_tasks
import anyio.lowlevel

from syncd.lab.virtual.numbered_tasks import NumberedTask
from syncd.lab.virtual.virtual_time import VirtualTime

EPOCH_S = 1_798_761_600.0
"""The pretend world begins on 1 January 2027, 00:00 UTC, where loop time would be zero."""


_ASKING = (anyio_eventloop, anyio_synchronization, anyio_tasks, anyio.lowlevel)
_really_backend = anyio_eventloop.get_async_backend


def _backend(name: str | None = None) -> Any:
    if name is None and asyncio._get_running_loop() is not None:  # noqa: SLF001 - raises nothing
        return anyio_backend.AsyncIOBackend
    return _really_backend(name)


def _current_time() -> float:
    return asyncio.get_running_loop().time()


def loop_time_s() -> float:
    """Seconds on the running loop; zero outside of any, where nothing may depend on them."""
    loop = asyncio._get_running_loop()  # noqa: SLF001 - raises nothing
    return 0.0 if loop is None else loop.time()


def wall_time_s() -> float:
    """Pretend seconds since 1970: `EPOCH_S` and the loop's own."""
    return EPOCH_S + loop_time_s()


@contextmanager
def deterministic_aiohttp(
    *, wall_s: Callable[[], float] = wall_time_s, seed: int = 0
) -> Iterator[None]:
    """Hold aiohttp and anyio to the loop's time and order for the duration of one simulation.

    Open it before the first session, connector or task group is made. `wall_s` gives the pretend
    seconds since 1970. Several loops may run inside, one after another; numbers go on counting, so
    open it anew for every run whose digest is compared.
    """
    clock = SimpleNamespace(time=wall_s, gmtime=time.gmtime)
    # A task the loop has not made would outlive the death of its process.
    numbering = SimpleNamespace(**{**vars(asyncio), "Task": _task})
    with ExitStack() as stack:
        for place, name, stand_in in (
            (aiohttp.connector, "monotonic", loop_time_s),
            (aiohttp.connector, "random", random.Random(seed)),  # noqa: S311 - nothing secret
            (aiohttp.helpers, "time", clock),
            (aiohttp.helpers, "_cached_current_datetime", None),
            (aiohttp.cookiejar, "time", clock),
            (aiohttp.compression_utils.ZLibCompressor, "compress", _compress),
            (aiohttp.compression_utils.DecompressionBaseHandler, "decompress", _decompress),
            (aiohttp.client_reqrep, "asyncio", numbering),
            (aiohttp.connector, "asyncio", numbering),
            (aiohttp.web_protocol, "asyncio", numbering),
            *((room, "get_async_backend", _backend) for room in _ASKING),
            (anyio, "current_time", _current_time),
            (anyio_backend, "_task_states", WeakKeyDictionary()),
            *_numbered_classes(),
        ):
            stack.enter_context(patch.object(place, name, stand_in))
        # It remembers a thousand handlers, and by them every dead daemon whole.
        stack.callback(aiohttp.web_app._cached_build_middleware.cache_clear)  # noqa: SLF001 - no other way
        yield


def _task(coro: Any, *, loop: asyncio.AbstractEventLoop, **options: Any) -> asyncio.Task[Any]:
    """What `asyncio.Task(...)` makes in aiohttp's rooms; a real loop's tasks are its own affair."""
    if isinstance(loop, VirtualTime):
        return NumberedTask(coro, loop=loop, **options)
    return asyncio.Task(coro, loop=loop, **options)


def _numbered_classes() -> Iterator[tuple[Any, str, type]]:
    for place, name in (
        (aiohttp.connector, "ResponseHandler"),
        (aiohttp.connector, "_TransportPlaceholder"),
        (anyio_backend, "CancelScope"),
    ):
        yield place, name, _numbered(getattr(place, name))


def _numbered(original: type) -> type:
    """A subclass whose members hash by age, so that sets of them iterate the same in every run."""
    numbers = itertools.count(1)

    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: N807 - it becomes one
        self.lab_number = next(numbers)
        original.__init__(self, *args, **options)  # type: ignore[misc] # any class, by design

    def __hash__(self: Any) -> int:  # noqa: N807 - it becomes one
        number: int = self.lab_number
        return number

    body = {"__slots__": ("lab_number",), "__init__": __init__, "__hash__": __hash__}
    return type(original.__name__, (original,), body)


async def _compress(self: Any, data: bytes) -> bytes:
    compressed: bytes = self.compress_sync(data)
    return compressed


async def _decompress(self: Any, data: bytes, max_length: int = 0) -> bytes:
    plain: bytes = self.decompress_sync(data, max_length)
    return plain
