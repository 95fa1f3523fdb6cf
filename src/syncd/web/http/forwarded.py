"""Requests that one replica passes on to another, and how the other knows whom they came from.

A standby names the address it was asked from, and proves by a key that only replicas of one site
have that it may. So nobody else can say where they come from, and a request that was passed on once
is known as one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADER = "Syncd-Forwarded-For"
"""An address and, behind a space, the proof of it."""
_PURPOSE = b"syncd: forwarded for "


@dataclass(frozen=True, slots=True)
class ReplicaKeys:
    """What the replicas of a site have in common and nobody else has. The first one proves."""

    keys: Sequence[bytes] = field(repr=False)

    @classmethod
    def of(cls, encryption_keys: str) -> ReplicaKeys:
        """Made from the site's encryption keys, a line each; none of them can be told from it."""
        return cls(
            [hashlib.sha256(_PURPOSE + one.encode()).digest() for one in encryption_keys.split()]
        )

    def said(self, peer: str) -> str:
        """The header's value for a request that came from `peer`."""
        return f"{peer} {_proof(self.keys[0], peer)}"

    def peer_of(self, said: str) -> str | None:
        """The address that a header's value proves; None where it proves nothing."""
        peer, _, proof = said.partition(" ")
        given = proof.encode("utf-8", "surrogateescape")
        proofs = [_proof(key, peer).encode() for key in self.keys]
        return peer if any(hmac.compare_digest(given, one) for one in proofs) else None


def peers_restored(keys: ReplicaKeys) -> Middleware:
    """A middleware, the outermost: what a standby passed on comes from whom the standby names."""

    @web.middleware
    async def restoring(request: web.Request, handler: Handler) -> web.StreamResponse:
        said = request.headers.get(HEADER)
        peer = None if said is None else keys.peer_of(said)
        return await handler(request if peer is None else request.clone(remote=peer))

    return restoring


def _proof(key: bytes, peer: str) -> str:
    return hmac.new(key, peer.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
