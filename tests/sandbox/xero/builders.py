"""A plain client of a pretend Xero, and documents to send: the builders of these tests."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.server.app import XeroWorld

START = 1_795_306_500.0  # 22 November 2026
REDIRECT = "http://localhost:9/callback"
SCOPES = (
    "offline_access openid profile email accounting.invoices accounting.payments "
    "accounting.contacts accounting.settings.read"
)


@dataclass
class Time:
    """World time in seconds; tests move it by hand."""

    now_s: float = START

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds


@dataclass
class Client:
    """A plain client: one app, one tenant, no cleverness."""

    world: XeroWorld
    time: Time
    access: str = ""
    refresh: str = ""
    tenant: str = ""

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
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        text = {name: str(value) for name, value in query.items()}
        return self.world.handle(
            Request(
                method=method,
                path=path if path.startswith("/") else f"/api.xro/2.0/{path}",
                query=text,
                headers={
                    name: value for name, value in {**own, **(headers or {})}.items() if value
                },
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

    @property
    def books(self) -> Books:
        return self.world.books[self.tenant]

    def command(self, do: str, **more: Any) -> dict[str, Any]:
        return self.world.bookkeeper({"do": do, "tenant": self.tenant, **more})

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
        named = {} if "Contact" in more else {"Contact": {"ContactID": _some_contact(self)}}
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


def _some_contact(client: Client) -> str:
    for each in client.books.contacts.current():
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


def new_client(*, organisations: int = 1, seed: int = 7, **switches: Any) -> Client:
    """A connected client of a new world with these switches."""
    settings = Switches()
    settings.turn(switches)
    time = Time()
    world = XeroWorld(
        clock=SandboxClock(lambda: time.now_s),
        seed=seed,
        switches=settings,
        organisations=organisations,
    )
    client = Client(world, time)
    client.connect()
    return client


def messages(row: Mapping[str, Any]) -> list[str]:
    """The validation messages of an element."""
    return [each["Message"] for each in row.get("ValidationErrors", ())]
