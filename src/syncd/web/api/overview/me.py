"""Who is asking: the operator whose token came with the request."""

from __future__ import annotations

import msgspec
from aiohttp import web

from syncd.web.api.handlers import Handlers
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import OPERATOR, ROLE_NAMES, Role


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's name, as the audit trail has it, and role."""

    operator: str
    role: str


class Identity(Handlers):
    """Who am I."""

    async def me(self, request: web.Request) -> Me:
        """The operator of this request."""
        operator = request[OPERATOR]
        role = next(name for name, role in ROLE_NAMES.items() if role is operator.role)
        return Me(operator=operator.name, role=role)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The row of the table."""
        return (
            Endpoint(
                name="getMe", method="GET", path="/api/v1/me", role=Role.OFFICE,
                summary="Who is asking, and under which role",
                answers=Me, call=self.me,
            ),
        )  # fmt: skip
