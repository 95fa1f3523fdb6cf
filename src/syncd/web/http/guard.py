"""Who may do what: bearer tokens of operators, and the roles each action asks for.

Super User connects, refreshes, disconnects, maps and switches; Admin also resolves, retries and
creates contacts; Office reads.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncd.domain.model.value import Value
from syncd.web.http.problems import ProblemError


class Role(IntEnum):
    """Each role may do what the ones below it may."""

    OFFICE = 1
    ADMIN = 2
    SUPER_USER = 3


ROLE_NAMES = {"Office": Role.OFFICE, "Admin": Role.ADMIN, "Super User": Role.SUPER_USER}


class Operator(Value, frozen=True, kw_only=True):
    """Someone who may call the operator API; only the token's digest is kept."""

    not_shown = ("token_digest",)

    name: str
    role: Role
    token_digest: bytes

    @classmethod
    def of(cls, name: str, role: str, token: str) -> Operator:
        """An operator by its configured name, role and token. Raises KeyError for another role."""
        return cls(name=name, role=ROLE_NAMES[role], token_digest=_digest(token.strip()))

    @property
    def token_mark(self) -> str:
        """Another one for another token, and no way back to it: what a session remembers."""
        return hashlib.sha256(b"session:" + self.token_digest).hexdigest()


def _digest(token: str) -> bytes:
    # A header may hold bytes that are no text; they are no token either, but must not stop us.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


OPERATOR = web.RequestKey("operator", Operator)
IS_STILL_PERMITTED: web.RequestKey[Callable[[], bool]] = web.RequestKey("is_still_permitted")
"""Whether the caller would be let in now, for an answer that goes on for long: a reload may have
taken the token away meanwhile."""
OPEN_PATHS = ("/livez", "/readyz", "/healthz", "/metrics", "/openapi.json")


Needed = Mapping[tuple[str, str], Role]
"""The role of each operation, by method and path as it was registered."""


def _never(_: web.Request) -> bool:
    return False


def guard(
    operators: Sequence[Operator], needed: Needed, is_page: Callable[[web.Request], bool] = _never
) -> Middleware:
    """A middleware: probes, metrics and the API's description need no token, all else does.

    But pages, which have a guard of their own (`is_page`): a browser holds no token. Who may not
    do what is asked for is told so before anything of the request's body is read.
    """

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in OPEN_PATHS and not is_page(request):
            caller = _identify(operators, request.headers.get("Authorization", ""))
            role = needed.get(_operation(request))
            request[OPERATOR] = caller
            request[IS_STILL_PERMITTED] = lambda: any(
                one.token_digest == caller.token_digest and one.role >= (role or one.role)
                for one in operators
            )
            if role is not None:
                _require(request, role)
        return await handler(request)

    return guarded


_UNSAID = "Send `Authorization: Bearer <operator token>`; the token is"
_UNKNOWN = "This token is no operator's here. Expected"


def operator_with(operators: Sequence[Operator], token: str) -> Operator | None:
    """Whose token it is. Compares with every operator, whoever matches, so that time tells nothing.

    An empty token belongs to nobody, also where one was configured.
    """
    token = token.strip()
    digest = _digest(token) if token else b""
    found = [one for one in operators if hmac.compare_digest(one.token_digest, digest)]
    return found[0] if found else None


def _identify(operators: Sequence[Operator], header: str) -> Operator:
    scheme, _, token = header.partition(" ")
    found = operator_with(operators, token if scheme.lower() == "bearer" else "")
    if found is None:
        said = _UNKNOWN if token.strip() else _UNSAID
        raise ProblemError(
            401,
            "Not signed in",
            f"{said} the one in security.operator_token_file or security.operators.",
            headers={"WWW-Authenticate": 'Bearer realm="syncd"'},
        )
    return found


def _operation(request: web.Request) -> tuple[str, str]:
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    return (method, "" if resource is None else resource.canonical)


def _require(request: web.Request, role: Role) -> None:
    """Raises a 403 problem unless the caller's role suffices."""
    if request[OPERATOR].role < role:
        raise not_permitted(role)


def role_name(role: Role) -> str:
    """A role as people call it."""
    return next(name for name, value in ROLE_NAMES.items() if value is role)


def not_permitted(role: Role) -> ProblemError:
    """The answer to who has not the role that is needed; who has it is not told."""
    detail = f"This needs the role {role_name(role)}; ask someone who has it."
    return ProblemError(403, "Not permitted", detail)
