"""A message is posted as Standard Webhooks has it: known again by its id, signed over its bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from syncd.domain.errors import ConfigError, Refused, ServerTrouble
from syncd.domain.ids import TenantId
from syncd.domain.model.concern import Concern, ConcernKind, Notification, Phase
from syncd.notify.post import PostNotifier, signer
from syncd.ports.transport import HttpRequest, HttpResponse
from syncd.runtime.system_clock import SystemClock
from tests.notify.support.receivers import SECRET

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


class Wire:
    """A transport that keeps what was sent and answers with one status."""

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        return HttpResponse(status=self.status)


def halted(text: str = "40 would be voided.", tenant: str | None = "acme") -> Notification:
    concern = Concern(
        kind=ConcernKind.HALTED, tenant=None if tenant is None else TenantId(tenant), text=text
    )
    return Notification(
        id="msg_1", phase=Phase.OPENED, concern=concern, title="acme: halted by a brake", since=AT,
        at=AT, url="https://c.example/t/acme/brake",
    )  # fmt: skip


def notifier(wire: Wire) -> PostNotifier:
    return PostNotifier(wire, url="https://hooks.example/a", secret=SECRET, clock=SystemClock())


async def test_body_says_kind_tenant_and_phase_by_public_names() -> None:
    wire = Wire()

    await notifier(wire).send(halted())

    (request,) = wire.sent
    assert (request.method, request.url) == ("POST", "https://hooks.example/a")
    assert json.loads(request.body or b"") == {
        "type": "concern.opened",
        "timestamp": "2026-11-30T09:00:00Z",
        "data": {
            "kind": "halted", "tenant": "acme", "title": "acme: halted by a brake",
            "text": "40 would be voided.", "since": "2026-11-30T09:00:00Z",
            "url": "https://c.example/t/acme/brake",
        },
    }  # fmt: skip


@given(st.text(max_size=200), st.none() | st.text(min_size=1, max_size=20))
def test_the_signature_holds_for_whatever_is_said(text: str, tenant: str | None) -> None:
    wire = Wire()

    anyio.run(notifier(wire).send, halted(text, tenant))

    (request,) = wire.sent
    headers = dict(request.headers)
    read: Any = Webhook(SECRET).verify(request.body or b"", headers)
    assert read["data"]["text"] == text
    assert headers["webhook-id"] == "msg_1"
    assert SECRET not in repr(request)


@pytest.mark.parametrize(
    ("status", "kind"), [(301, Refused), (400, Refused), (410, Refused), (500, ServerTrouble)]
)
async def test_whatever_is_no_success_is_told_by_its_status(
    status: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=str(status)):
        await notifier(Wire(status)).send(halted())


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_%%%", "whsec_c2hvcnQ=", "not base64 at all"]
)
def test_what_is_no_secret_is_named_by_its_key(secret: str) -> None:
    with pytest.raises(ConfigError, match=r"notify\.secret: expected whsec_"):
        signer(secret)
