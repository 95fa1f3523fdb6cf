"""A tenant's switches over HTTP: pause, resume, mode.

Called by `api`, which knows the tenants. Each answers with the tenant as it stands afterwards.
"""

from __future__ import annotations

from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.domain.model.settings import Mode
from syncd.engine.core.tenant_mode import Switched
from syncd.web.api import shapes, shaping
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError


class Switching(Handlers):
    """A tenant's switches."""

    async def pause(self, request: web.Request) -> shapes.Pressed:
        """Hold all writes to Xero."""
        tenant = self._asked(request)
        done = await self._operations.switches.pause(tenant, request[OPERATOR].name)
        return await self._switched(tenant, done)

    async def resume(self, request: web.Request) -> shapes.Pressed:
        """Let them pass again."""
        tenant = self._asked(request)
        done = await self._operations.switches.resume(tenant, request[OPERATOR].name)
        return await self._switched(tenant, done)

    async def mode(self, request: web.Request) -> shapes.Pressed:
        """Observe, or write."""
        tenant = self._asked(request)
        mode = _mode_of((await body_of(request, shapes.ModeWanted)).mode)
        done = await self._operations.switches.mode(tenant, mode, request[OPERATOR].name)
        return await self._switched(tenant, done)

    async def _switched(self, tenant: TenantId, done: Switched) -> shapes.Pressed:
        if not done.is_done:
            raise ProblemError(409, "Not switched", done.message)
        return shaping.pressed(await self._operations.tenant(tenant), done.message)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="pauseTenant", method="POST", path=TENANT + "/pause",
                role=Role.SUPER_USER, summary="Pause: nothing is written to Xero; reading goes on",
                answers=shapes.Pressed, call=self.pause, refusals=(404,),
            ),
            Endpoint(
                name="resumeTenant", method="POST", path=TENANT + "/resume",
                role=Role.SUPER_USER, summary="Resume: what waited goes on",
                answers=shapes.Pressed, call=self.resume, refusals=(404,),
            ),
            Endpoint(
                name="switchMode", method="POST", path=TENANT + "/mode",
                role=Role.SUPER_USER, summary="Observe or live; the configuration's word counts",
                body=shapes.ModeWanted, answers=shapes.Pressed, call=self.mode,
                refusals=(400, 404, 409),
            ),
        )  # fmt: skip


def _mode_of(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        allowed = ", ".join(Mode)
        detail = f"mode: expected one of {allowed}, got {text!r}."
        raise ProblemError(400, "Not understood", detail) from None
