"""What health probes and Prometheus ask: alive, ready, and the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from syncd.telemetry.health import Check, Probed


def routes(health: Probed, exposition: Callable[[], bytes]) -> list[web.RouteDef]:
    """`/livez`, `/readyz`, `/healthz` (each with `?verbose`) and `/metrics`."""

    async def livez(request: web.Request) -> web.Response:
        return _answer(request, health, is_good=health.is_alive)

    async def readyz(request: web.Request) -> web.Response:
        return _answer(request, health, is_good=health.is_ready)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(
            body=exposition(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    return [
        web.get("/livez", livez),
        web.get("/readyz", readyz),
        web.get("/healthz", readyz),
        web.get("/metrics", metrics),
    ]


def _answer(request: web.Request, health: Probed, *, is_good: bool) -> web.Response:
    status = 200 if is_good else 503
    if "verbose" not in request.query:
        return web.Response(status=status, text="ok\n" if is_good else "not ready\n")
    checks = {check.name: [_shown(check)] for check in health.checks()}
    body = {"status": "pass" if is_good else "fail", "checks": checks}
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/json"
    )


def _shown(check: Check) -> dict[str, Any]:
    counted = {} if check.count is None else {"observedValue": check.count}
    return {"status": check.status, "output": check.output, **counted}
