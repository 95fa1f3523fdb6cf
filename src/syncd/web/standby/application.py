"""What a standby answers with on both listeners.

| asked for              | answered                                                              |
|------------------------|-----------------------------------------------------------------------|
| probes, metrics        | by the standby, about itself                                          |
| a webhook              | by the holder; where it does not answer, kept in the store here       |
| everything else        | by the holder; where it does not answer, 503 and when to try again    |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

from aiohttp import web

from syncd.domain.errors import SyncdError
from syncd.engine.connection.consent_words import Words
from syncd.ports.observer import Observer
from syncd.telemetry.health import Probed
from syncd.web.http import bodies, probes
from syncd.web.http.beside import API
from syncd.web.http.problems import problem, problems_as_answers
from syncd.web.public.plain_page import page
from syncd.web.public.receiver import PIPELINE_PATH, XERO_PATH, Receiver
from syncd.web.standby.forwarding import Forwarder, NotAnswered

AGAIN_AFTER_S = 5
"""Whoever asks again then may well find another replica at work."""
WEBHOOK_WITHIN_S = 2.0
"""Xero waits five seconds for its answer (facts §6.1); after so many the webhook is kept here."""
MOST_WEBHOOK_BYTES = 1024 * 1024
WEBHOOK_BODY_WITHIN_S = 2.0
_TITLE = "No replica works just now"
_NOBODY = Words(
    title=_TITLE,
    text="The daemon that works for this site does not answer. Another one takes its place within "
    "half a minute, by itself; nothing is lost.",
    next_step="Load this page again in a moment.",
)
_DETAIL = (
    "The replica that works does not answer, or none has taken its place yet; that takes half a "
    f"minute at most, and nothing is lost. Ask again in {AGAIN_AFTER_S} seconds."
)


def operator_application(
    forwarder: Forwarder,
    *,
    health: Probed,
    exposition: Callable[[], bytes],
    observe: Observer,
) -> web.Application:
    """The operators' listener of a standby. `forwarder` is closed with it."""
    app = web.Application(middlewares=[problems_as_answers(observe, "api")])
    app.add_routes(probes.routes(health, exposition))
    app.add_routes([web.route("*", "/{path:.*}", partial(_passed_on, forwarder))])
    return _closing(app, forwarder)


def public_application(
    forwarder: Forwarder, *, receiver: Callable[[], Awaitable[Receiver]], observe: Observer
) -> web.Application:
    """The public listener of a standby. `receiver` is made anew for what is kept here.

    For who is connected to which organisation may have changed since this replica looked.
    """

    def kept_or_passed_on(
        keep: Callable[[Receiver, web.Request], Awaitable[web.Response]],
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def webhook(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            try:
                return await forwarder.forward(request, body=body, within_s=WEBHOOK_WITHIN_S)
            except NotAnswered:
                pass
            try:
                own = await receiver()
            except SyncdError:
                # Its sender sends it again.
                return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
            return await keep(own, request)

        return webhook

    app = web.Application(
        middlewares=[
            problems_as_answers(observe, "public"),
            bodies.bounded(most_bytes=MOST_WEBHOOK_BYTES, within_s=WEBHOOK_BODY_WITHIN_S),
        ],
        client_max_size=MOST_WEBHOOK_BYTES,
    )
    app.add_routes(
        [
            web.post(XERO_PATH, kept_or_passed_on(Receiver.xero)),
            web.post(PIPELINE_PATH, kept_or_passed_on(Receiver.pipeline)),
            web.route("*", "/{path:.*}", partial(_passed_on, forwarder)),
        ]
    )
    return _closing(app, forwarder)


async def _passed_on(forwarder: Forwarder, request: web.Request) -> web.StreamResponse:
    try:
        return await forwarder.forward(request)
    except NotAnswered:
        return _nobody(request)


def _closing(app: web.Application, forwarder: Forwarder) -> web.Application:
    async def closed(_: web.Application) -> None:
        await forwarder.close()

    # Streams of the holder's end with the listener, which waits for nobody's answer.
    app.on_shutdown.append(closed)
    return app


def _nobody(request: web.Request) -> web.Response:
    """503 in the shape of what was asked for: a page for whoever can read one."""
    is_for_a_browser = "text/html" in request.headers.get("Accept", "")
    if is_for_a_browser and not f"{request.path}/".startswith(API):
        answer = page(_NOBODY, status=HTTPStatus.SERVICE_UNAVAILABLE, badge="Not now")
        answer.headers["Retry-After"] = str(AGAIN_AFTER_S)
        return answer
    return problem(503, _TITLE, _DETAIL, headers={"Retry-After": str(AGAIN_AFTER_S)})
