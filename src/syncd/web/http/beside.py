"""What shares the operators' listener with the API: routes and middlewares of the pages.

Made by `web.console`, mounted by `web.api.application`, which knows nothing of pages.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from syncd.domain.model.value import Value
from syncd.web.http.guard import OPEN_PATHS

API = "/api/"
"""Under it only bearer tokens count; anywhere else they never do."""


def _nothing(_: web.Application) -> None:
    return None


def _none(_: web.Request) -> bool:
    return False


class Beside(Value, frozen=True, kw_only=True, gc=True):
    """`outer` sees every answer, `inner` runs before the API's guard; `prepare` is called once."""

    routes: tuple[web.RouteDef, ...] = ()
    outer: tuple[Middleware, ...] = ()
    inner: tuple[Middleware, ...] = ()
    prepare: Callable[[web.Application], None] = _nothing
    url: str | None = None
    """Where people reach the pages; None: wherever the API was called."""
    is_page: Callable[[web.Request], bool] = _none
    """Whether a request is theirs to guard."""


NOTHING_BESIDE = Beside()


def place_of(request: web.Request) -> str:
    """The path as its route was registered; where no route matched, as it was asked for."""
    resource = request.match_info.route.resource
    return request.path if resource is None else resource.canonical


def is_page(request: web.Request) -> bool:
    """Whether it asks for a page: for nothing of the API's and nothing that is open to all."""
    place = place_of(request)
    return not f"{place}/".startswith(API) and place not in OPEN_PATHS
