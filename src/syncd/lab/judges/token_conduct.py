"""Judges the calls for tokens: stored first, alone, of a pair that is old, and for one tenant.

A family is the pair of one consent and everything that was refreshed from it; it serves the
organisation it was first used for, and no other.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.watched_xero import TOKEN, Arrival
from syncd.ports.transport import HttpRequest

REFRESH_AHEAD_S = 600.0
"""An access token with more of its life left than this needs no successor."""
ASKED_WITHIN_S = 10.0
"""So long before its call arrives may a pair's age begin: it counts from before it is stored."""
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(slots=True)
class _Family:
    """The pairs of one consent."""

    organisation: str = ""


@dataclass(slots=True, kw_only=True)
class _Pair:
    """A pair of tokens the pretend Xero has issued, and what became of it."""

    access_token: str = field(repr=False)
    issued_at_s: float
    ends_at_s: float
    family: _Family
    is_refused: bool = False
    is_presented: bool = False


class TokenJudge:
    """Follows every pair; `stores` and `witnesses` have each organisation's."""

    def __init__(
        self, stores: Mapping[str, StoreReader], witnesses: Mapping[str, OperatorWitness]
    ) -> None:
        self._stores = stores
        self._witnesses = witnesses
        self._grants: dict[str, _Pair] = {}
        self._by_access: dict[str, _Pair] = {}

    def departing(self, request: HttpRequest, under_way: tuple[HttpRequest, ...]) -> Iterator[str]:
        """What is wrong with a call for tokens that leaves beside these.

        Stored it has to be as it leaves: one that is still on the wire when its sender dies may
        arrive after the next incarnation has presented the same and stored what came.
        """
        presented = _presented(request.body)
        if presented and not self._is_stored(self._grants.get(presented)):
            yield "a refresh that is not stored"
        mine = self._family_of(request.body)
        for other in under_way:
            if urlsplit(other.url).path == TOKEN and self._family_of(other.body) is mine:
                yield "a second call for tokens beside the first"

    def arriving(self, arrival: Arrival) -> Iterator[str]:
        """What is wrong with a refresh, or with whose token a call carries."""
        if arrival.is_refresh:
            yield from self._refresh(arrival)
        pair = self._by_access.get(_bearer(arrival))
        if pair is not None and arrival.organisation:
            pair.family.organisation = pair.family.organisation or arrival.organisation
            if pair.family.organisation != arrival.organisation:
                yield "with a token of another tenant's consent"

    def done(self, arrival: Arrival) -> None:
        """Note what was issued, and what was refused."""
        answer = arrival.answered
        if answer is None:
            return
        if arrival.request.path == TOKEN and answer.status == HTTPStatus.OK:
            self._issued(arrival, _pair_in(answer.body))
        elif answer.status in _REFUSED:
            bearer = _bearer(arrival)
            for pair in self._grants.values():
                pair.is_refused |= pair.access_token == bearer

    def _issued(self, arrival: Arrival, issued: dict[str, Any]) -> None:
        if "refresh_token" not in issued:
            return  # no pair: whoever asked has to ask again
        pair = _Pair(
            access_token=issued["access_token"],
            issued_at_s=arrival.at_s,
            ends_at_s=_ends_at_s(issued["access_token"]),
            family=self._family_of(arrival.request.body) or _Family(),
        )
        self._grants[issued["refresh_token"]] = pair
        self._by_access[pair.access_token] = pair

    def _refresh(self, arrival: Arrival) -> Iterator[str]:
        """Only of a pair that is old, was refused, or was presented before."""
        pair = self._grants.get(_presented(arrival.request.body))
        if pair is None:
            return
        left_s = pair.ends_at_s - arrival.at_s
        if left_s > REFRESH_AHEAD_S and not self._has_reason(pair, arrival.at_s):
            yield f"the token it replaces was never refused and is good {left_s:g} s"
        pair.is_presented = True

    def _has_reason(self, pair: _Pair, at_s: float) -> bool:
        """Refused, presented before, wanted by a person, or old by a clock that was set."""
        if pair.is_refused or pair.is_presented:
            return True
        own = self._witnesses.get(pair.family.organisation)
        asked_at_s = pair.issued_at_s - ASKED_WITHIN_S
        return any(
            each.is_pressed(pair.issued_at_s, at_s) or each.was_set(asked_at_s, at_s)
            for each in (self._witnesses.values() if own is None else (own,))
        )

    def _is_stored(self, pair: _Pair | None) -> bool:
        own = None if pair is None else self._stores.get(pair.family.organisation)
        stores = self._stores.values() if own is None else (own,)
        return any(store.open_refreshes() for store in stores)

    def _family_of(self, body: bytes | None) -> _Family | None:
        pair = self._grants.get(_presented(body))
        return None if pair is None else pair.family


def _pair_in(body: bytes) -> dict[str, Any]:
    """What an answer tells of a pair; nothing where it is a page of HTML."""
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError:
        return {}
    return found


def _ends_at_s(access_token: str) -> float:
    """When it ends by its own claims, whatever the answer around it says."""
    claims = access_token.split(".")[1]
    return float(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])


def _presented(body: bytes | None) -> str:
    return parse_qs((body or b"").decode()).get("refresh_token", [""])[0]


def _bearer(arrival: Arrival) -> str:
    return arrival.request.headers.get("authorization", "").partition(" ")[2]
