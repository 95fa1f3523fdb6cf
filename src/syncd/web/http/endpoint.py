"""One row of the API: method, path, who may, what it takes and what it answers.

The table of rows (`api.endpoints`) is all there is: routes are made from it, and so is the OpenAPI
document, so neither can promise what the other does not keep.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import msgspec
from aiohttp import web

from syncd.domain.model.value import Value
from syncd.web.http import listing
from syncd.web.http.guard import Needed, Role
from syncd.web.http.problems import ProblemError

_Body = TypeVar("_Body", bound=msgspec.Struct)
Answering = Callable[[web.Request], Awaitable[msgspec.Struct | web.StreamResponse]]
"""What is no JSON is answered as it comes."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(shape: msgspec.Struct) -> bytes:
    """JSON: decimals as numbers, digit for digit; instants in UTC with `Z`."""
    return _ENCODER.encode(shape)


class Endpoint(Value, frozen=True, kw_only=True, gc=True):
    """One operation. `refusals` are the statuses it may answer besides those of every operation.

    `most_body_bytes` is set where a body may be larger than a line of JSON.
    """

    name: str
    method: str
    path: str
    summary: str
    role: Role
    answers: type[msgspec.Struct]
    call: Answering
    query: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    refusals: tuple[int, ...] = ()
    most_body_bytes: int | None = None
    status: int = 200
    """Of the answer; 202 where it is ordered and not done yet."""
    also: tuple[str, ...] = ()
    """Content types it is answered in besides JSON, where they are asked for."""

    def route(self) -> web.RouteDef:
        """The aiohttp route: the query's names, then the call; `guard` has asked for the role."""

        async def answered(request: web.Request) -> web.StreamResponse:
            listing.only(request.query, self.query)
            answer = await self.call(request)
            if isinstance(answer, web.StreamResponse):
                return answer
            return web.Response(
                status=self.status, body=encode(answer), content_type="application/json"
            )

        if self.method == "GET":
            return web.get(self.path, answered)
        return web.route(self.method, self.path, answered)


def larger_bodies(table: Iterable[Endpoint]) -> dict[str, int]:
    """The operations that take a larger body than others: by path, in bytes."""
    return {one.path: one.most_body_bytes for one in table if one.most_body_bytes is not None}


def needed_roles(table: Iterable[Endpoint]) -> Needed:
    """Who may do what."""
    return {(one.method, one.path): one.role for one in table}


async def body_of(request: web.Request, kind: type[_Body]) -> _Body:
    """The request's JSON body; none counts as empty. Raises a 400 that names the wrong field."""
    try:
        return msgspec.json.decode(await request.read() or b"{}", type=kind)
    except msgspec.MsgspecError as error:
        fields = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
        detail = f"body: expected a JSON object with {fields}; {error}."
        raise ProblemError(400, "Not understood", detail) from None
