"""A connected app in a pretend Xero, driven without sockets."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.app import XeroWorld
from syncd.sandbox.xero.switches import Switches

START = 1_795_306_500.0  # 22 November 2026
REDIRECT = "http://localhost:9/callback"
SCOPES = (
    "offline_access openid profile email accounting.invoices accounting.payments "
    "accounting.contacts accounting.settings.read"
)


@dataclass
class Client:
    """A plain client: one app, one tenant, no cleverness."""

    world: XeroWorld
    access: str = ""
    refresh: str = ""
    tenant: str = ""
    now: Callable[[float], None] = field(repr=False, default=lambda _: None)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Response:
        own = {
            "authorization": f"Bearer {self.access}",
            "xero-tenant-id": self.tenant,
            "accept": "application/json",
            "content-type": "application/json",
        }
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        text = {name: str(value) for name, value in query.items()}
        return self.world.handle(
            Request(
                method=method,
                path=path if path.startswith("/") else f"/api.xro/2.0/{path}",
                query=text,
                headers={name: value for name, value in {**own, **(headers or {})}.items() if value},
                body=raw,
                raw_query=urlencode(text),
            )
        )

    def get(self, path: str, **query: Any) -> Any:
        response = self.send("GET", path, **query)
        assert response.status == 200, response
        return json.loads(response.body)

    def put(self, path: str, body: Any, **query: Any) -> Any:
        response = self.send("PUT", path, body, **{"summarizeErrors": "false", **query})
        assert response.status == 200, response
        return json.loads(response.body)

    def post(self, path: str, body: Any, **query: Any) -> Any:
        response = self.send("POST", path, body, **{"summarizeErrors": "false", **query})
        assert response.status == 200, response
        return json.loads(response.body)

    # --- consent

    def consent(self, *, org: int = 1, scope: str = SCOPES, **more: str) -> dict[str, str]:
        query = {
            "response_type": "code",
            "client_id": self.world.client_id,
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "s1",
            "org": str(org),
            **more,
        }
        response = self.send("GET", "/identity/connect/authorize", **query)
        assert response.status == 302, response
        parts = urlsplit(response.headers["Location"])
        return {name: values[0] for name, values in parse_qs(parts.query).items()}

    def token(self, *, basic: bool = True, secret: str | None = None, **form: str) -> Response:
        pair = f"{self.world.client_id}:{secret or self.world.client_secret}"
        headers = {"content-type": "application/x-www-form-urlencoded", "authorization": ""}
        if basic:
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        return self.send("POST", "/connect/token", urlencode(form).encode(), headers=headers)

    def connect(self, *, org: int = 1, scope: str = SCOPES) -> None:
        code = self.consent(org=org, scope=scope)["code"]
        response = self.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        pair = json.loads(response.body)
        self.access, self.refresh = pair["access_token"], pair.get("refresh_token", "")
        self.tenant = list(self.world.books)[org - 1]

    # --- documents

    def contact(self, name: str = "Acme Ltd", **more: Any) -> str:
        row = self.put("Contacts", {"Name": name, **more})["Contacts"][0]
        assert row["StatusAttributeString"] == "OK", row
        return str(row["ContactID"])

    def invoice(self, **more: Any) -> dict[str, Any]:
        row = self.put("Invoices", self.draft(**more), unitdp=4)["Invoices"][0]
        assert row["StatusAttributeString"] == "OK", row
        return dict(row)

    def draft(self, **more: Any) -> dict[str, Any]:
        books = self.world.books[self.tenant]
        named = {} if "Contact" in more else {"Contact": {"ContactID": _some_contact(self, books)}}
        return {
            "Type": "ACCREC",
            "Status": "AUTHORISED",
            "Date": "2026-11-20",
            "DueDate": "2026-12-20",
            "LineAmountTypes": "Exclusive",
            "LineItems": [line()],
            **named,
            **more,
        }


def _some_contact(client: Client, books: Any) -> str:
    for each in books.contacts.truth():
        if each.status == "ACTIVE":
            return str(each.id)
    return client.contact()


def line(**more: Any) -> dict[str, Any]:
    return {
        "Description": "Install, zone 2",
        "Quantity": 3,
        "UnitAmount": 120.0,
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
        **more,
    }


@pytest.fixture
def make() -> Callable[..., Client]:
    """A connected client of a new world: `make(switch=value, …)`."""

    def build(*, organisations: int = 1, seed: int = 7, **switches: Any) -> Client:
        settings = Switches()
        settings.turn(switches)
        clock = SandboxClock(lambda: START)
        world = XeroWorld(clock=clock, seed=seed, switches=settings, organisations=organisations)
        client = Client(world)
        client.connect()
        return client

    return build


@pytest.fixture
def client(make: Callable[..., Client]) -> Client:
    return make()
