"""Looks at the notes Pipeline sends: takes them as syncd would, but refuses the first one once.

Called by `examine`, where a secret was given. Whoever runs the server has it send to the address
this listens on.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import anyio
from aiohttp import web

from syncd.lab.conformance import shapes
from syncd.lab.conformance.expectations import EXPECTED, Expectations

NAMES = tuple(name for name in EXPECTED if name.startswith("notes."))
_TYPES = {
    f"{kind}.{what}"
    for kind in ("invoice", "customer")
    for what in ("created", "updated", "deleted")
}
_MOST_AWAY_S = 300
_LOOK_S = 0.05
_LAST_ANSWERS_S = 0.5
_LARGEST = 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Notes:
    """Notes that came, and what is wrong with them."""

    secret: bytes = field(repr=False)
    expectations: Expectations
    now_s: Callable[[], float]
    came: dict[str, int] = field(default_factory=dict)
    """How often each came, by webhook-id."""
    refused: str | None = None

    async def take(self, request: web.Request) -> web.Response:
        """Judge one note; the first is refused the first time it comes."""
        body = await request.read()
        own = request.headers.get("webhook-id", "")
        self._judge(own, request.headers.get("webhook-timestamp", ""), request, body)
        self.came[own] = self.came.get(own, 0) + 1
        if self.refused is None:
            self.refused = own
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    @property
    def is_done(self) -> bool:
        """Whether the refused one came again."""
        return self.refused is not None and self.came[self.refused] > 1

    def conclude(self, wait_s: float) -> None:
        """Note what never came."""
        got = f"none within {wait_s:g} s"
        if not self.expectations.hold("notes.come", bool(self.came), got):
            return
        self.expectations.hold("notes.again", self.is_done, f"answered 503, and {got}")

    def _judge(self, own: str, stamp: str, request: web.Request, body: bytes) -> None:
        hold = self.expectations.hold
        signed = f"{own}.{stamp}.".encode() + body
        right = "v1," + b64encode(hmac.digest(self.secret, signed, sha256)).decode()
        given = request.headers.get("webhook-signature", "")
        is_signed = any(hmac.compare_digest(each, right) for each in given.split())
        hold(
            "notes.signature", bool(own) and is_signed, f"webhook-id {own!r}, signed {given[:12]}…"
        )
        is_time = stamp.isdecimal() and abs(int(stamp) - self.now_s()) < _MOST_AWAY_S
        hold("notes.time", is_time, f"webhook-timestamp: {stamp}")
        hold("notes.form", _is_note(body), body.decode("utf-8", "replace"))


def _is_note(body: bytes) -> bool:
    try:
        note: Any = json.loads(body)
    except ValueError:
        return False
    if not isinstance(note, dict) or not isinstance(note.get("data"), dict):
        return False
    return (
        note.get("type") in _TYPES
        and shapes.is_instant(note.get("timestamp"))
        and shapes.is_uuid(note["data"].get("id"))
        and shapes.is_whole(note["data"].get("version", 1))
    )


def key_of(secret: str) -> bytes:
    """The bytes of a secret. Raises ValueError for what is none."""
    if not secret.startswith("whsec_"):
        raise ValueError("expected a secret that begins with whsec_")
    return b64decode(secret.removeprefix("whsec_"), validate=True)


@asynccontextmanager
async def listening(notes: Notes, host: str, port: int) -> AsyncIterator[int]:
    """Take notes on that address until the block ends; the port. Raises OSError."""
    app = web.Application(client_max_size=_LARGEST)
    app.router.add_post("/webhooks/pipeline/{tenant}", notes.take)
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=_LAST_ANSWERS_S
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def awaited(notes: Notes, wait_s: float) -> None:
    """Return once the refused note came again, or after so many seconds."""
    with anyio.move_on_after(wait_s):
        while not notes.is_done:  # noqa: ASYNC110 - it ends by time as well
            await anyio.sleep(_LOOK_S)
