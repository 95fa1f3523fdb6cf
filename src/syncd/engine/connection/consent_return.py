"""Gives back what a consent granted and is not kept: the connections it made are cut in Xero.

Called by `consent` when a check fails after the code was exchanged. Cut is only what this very
consent made: a connection from before is somebody's, and one that serves another tenant is its own.
"""

from __future__ import annotations

from collections.abc import Collection

import anyio

from syncd.domain.errors import RemoteError
from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.value import Value
from syncd.engine.connection import organisation_choice
from syncd.ports.identity import Identity, TokenPair

WITHIN_S = 10.0
"""A person waits for the page."""


class Returned(Value, frozen=True, kw_only=True):
    """What became of the organisations that a consent connected, by name.

    `left` are connected still: from before, too, or Xero could not be told. Not `is_known`: Xero
    did not even list them.
    """

    given: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    is_known: bool = True


async def give_back(
    identity: Identity, pair: TokenPair, in_use: Collection[XeroOrganisationId]
) -> Returned:
    """Cut what this consent connected, but nothing of `in_use`."""
    given: list[str] = []
    left: list[str] | None = None
    with anyio.move_on_after(WITHIN_S):
        try:
            listed = await identity.connections(pair.access_token)
        except RemoteError:
            return Returned(is_known=False)
        found = [
            one
            for one in organisation_choice.granted_by(listed, pair)
            if one.organisation_id not in in_use
        ]
        left = [one.name for one in found]
        for one in filter(organisation_choice.is_first, found):
            try:
                await identity.disconnect(pair.access_token, one.id)
            except RemoteError:
                continue
            given.append(one.name)
            left.remove(one.name)
    return Returned(given=tuple(given), left=tuple(left or ()), is_known=left is not None)
