"""Receives webhooks: checks the signature, stores the events, then answers; makes no call.

Mounted on the public listener, whose short way (`web.http.short_way`) brings many of Xero's at a
time. An answer has an empty body and no cookie (facts §6.1). Whatever is not on disk is not
answered with success, so that its sender sends it again.

| answer | when                                                                      |
|--------|---------------------------------------------------------------------------|
| 200    | Xero's events are on disk, also those nobody here can use; none were read |
| 204    | Pipeline's note is on disk                                                |
| 401    | the signature is not our key's, or not for these bytes                    |
| 503    | the disk did not take it                                                  |
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web

from syncd.domain.errors import BadSignature, Garbled, StoreError
from syncd.domain.facts import ServiceFailed, WebhooksReceived
from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import Source
from syncd.engine.webhooks.inbox import Inbox
from syncd.ports.observer import Observer
from syncd.ports.webhooks import PipelineWebhooks, XeroWebhooks

XERO_PATH = "/webhooks/xero"
PIPELINE_PATH = "/webhooks/pipeline/{tenant}"
SIGNATURE = "x-xero-signature"


class Receiver:
    """Takes webhooks in."""

    path = XERO_PATH
    signature = SIGNATURE

    def __init__(
        self,
        inbox: Inbox,
        *,
        xero: XeroWebhooks,
        pipeline: PipelineWebhooks,
        observe: Observer,
    ) -> None:
        self._inbox = inbox
        self._xero = xero
        self._pipeline = pipeline
        self._observe = observe

    def use(self, xero: XeroWebhooks, pipeline: PipelineWebhooks) -> None:
        """Read by other secrets from now on."""
        self._xero, self._pipeline = xero, pipeline

    def routes(self) -> list[web.RouteDef]:
        """Both paths, POST only."""
        return [web.post(XERO_PATH, self.xero), web.post(PIPELINE_PATH, self.pipeline)]

    async def xero(self, request: web.Request) -> web.Response:
        """Events of Xero's."""
        body = await request.read()
        if not self.is_signed(body, request.headers.get(SIGNATURE, "")):
            return self._refused(Source.XERO, BadSignature(f"{SIGNATURE} does not fit"))
        try:
            await self.store((body,))
        except StoreError as error:
            return self._refused(Source.XERO, error)
        return web.Response()

    def is_signed(self, body: bytes, signature: str) -> bool:
        """Whether these bytes were signed with Xero's webhook key."""
        return self._xero.is_signed(body, signature)

    async def store(self, bodies: Sequence[bytes]) -> None:
        """Put the events of signed webhooks on disk. Raises StoreError.

        What nobody can read is counted, and is done: sent again it would be no better, and who
        answers no is switched off in the end.
        """
        read, unreadable = [], 0
        for body in bodies:
            try:
                read.append(self._xero.read(body))
            except Garbled:
                unreadable += 1
        await self._inbox.accept(*read)
        if unreadable:
            outcomes = {"unreadable": unreadable}
            self._observe(WebhooksReceived(source=Source.XERO, outcomes=outcomes, took_s=0.0))

    async def pipeline(self, request: web.Request) -> web.Response:
        """A note of Pipeline's."""
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        tenant = TenantId(request.match_info["tenant"])
        try:
            note = self._pipeline.decode(tenant, body, headers)
            await self._inbox.accept_note(note)
        except (BadSignature, StoreError) as error:
            return self._refused(Source.PIPELINE, error)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    def _refused(self, source: Source, error: BadSignature | StoreError) -> web.Response:
        is_ours = isinstance(error, StoreError)
        word = "store_failed" if is_ours else "bad_signature"
        status = HTTPStatus.SERVICE_UNAVAILABLE if is_ours else HTTPStatus.UNAUTHORIZED
        self._observe(WebhooksReceived(source=source, outcomes={word: 1}, took_s=0.0))
        if is_ours:
            told = f"{type(error).__name__}: {error}"
            self._observe(ServiceFailed(service="receiver", error=told, retry_after_s=0.0))
        return web.Response(status=status)
