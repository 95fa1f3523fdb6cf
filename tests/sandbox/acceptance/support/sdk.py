"""The official SDK, pointed at a running sandbox as docs/sandbox.md says, with a connection."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3
from xero_python.accounting import AccountingApi
from xero_python.accounting.models import Contact, Contacts, Invoice, Invoices, LineItem
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.exceptions import HTTPStatusException
from xero_python.identity import IdentityApi

from tests.sandbox.acceptance.support.listening import Delivery
from tests.sandbox.acceptance.support.running import Exchange, Recorder, Sandbox

DATED_ON = date(2026, 11, 20)
PAID_ON = date(2026, 11, 21)
REDIRECT = "http://localhost:9/callback"
SCOPES = (
    "offline_access openid profile email accounting.invoices accounting.payments "
    "accounting.contacts accounting.settings.read"
)


@dataclass(slots=True)
class Xero:
    """An application with the SDK: `api` and `identity` are the SDK's own."""

    sandbox: Sandbox
    web: Recorder
    token: dict[str, Any] = field(default_factory=dict)
    tenant: str = ""
    webhooks: list[Delivery] = field(default_factory=list)
    oauth: OAuth2Token = field(init=False)
    client: ApiClient = field(init=False)
    api: AccountingApi = field(init=False)
    identity: IdentityApi = field(init=False)

    def __post_init__(self) -> None:
        at = self.sandbox.xero
        self.oauth = OAuth2Token(client_id=at["client_id"], client_secret=at["client_secret"])
        configuration = Configuration()
        configuration.oauth2_token = self.oauth  # an argument is only heard the first time
        self.client = ApiClient(
            configuration,
            oauth2_token_getter=lambda: self.token,
            oauth2_token_saver=self._save,
        )
        self.client.rest_client.pool_manager = self.web
        self.api = AccountingApi(self.client, base_url=f"{at['api_url']}/api.xro/2.0")
        self.identity = IdentityApi(self.client, base_url=at["api_url"])
        TokenApi.refresh_token_url = f"{at['identity_url']}/connect/token"
        TokenApi.client_credentials_token_url = f"{at['identity_url']}/connect/token"
        TokenApi.revoke_token_url = f"{at['identity_url']}/connect/revocation"

    def _save(self, token: dict[str, Any]) -> None:
        scope = token.get("scope") or []
        self.token = {**token, "scope": scope.split() if isinstance(scope, str) else scope}

    # --- consent, which the SDK leaves to the application

    def consent(self, scope: str = SCOPES, **more: str) -> dict[str, str]:
        """What the redirect carries back."""
        query = {
            "response_type": "code",
            "client_id": self.sandbox.xero["client_id"],
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "s-1",
            **more,
        }
        answer = self.web.request("GET", f"{self.sandbox.xero['authorize_url']}?{urlencode(query)}")
        assert answer.status == 302, answer.data
        location = urlsplit(answer.headers["Location"])
        return {name: values[0] for name, values in parse_qs(location.query).items()}

    def ask_token(self, **form: str) -> Exchange:
        """One call of the token endpoint, with Basic authentication."""
        at = self.sandbox.xero
        self.web.request(
            "POST",
            f"{at['identity_url']}/connect/token",
            fields=form,
            encode_multipart=False,
            headers=urllib3.make_headers(basic_auth=f"{at['client_id']}:{at['client_secret']}"),
        )
        return self.web.last

    def connect(self, scope: str = SCOPES) -> None:
        """Consent, exchange the code, and pick the organisation."""
        code = self.consent(scope)["code"]
        answer = self.ask_token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        assert answer.status == 200, answer.body
        self._save(json.loads(answer.body))
        self.oauth.update_token(**self.token)
        self.tenant = self.identity.get_connections()[-1].tenant_id

    def refresh(self) -> None:
        """Renew the pair, the SDK's way."""
        self.oauth.update_token(**self.token)
        assert self.oauth.refresh_access_token(self.client)

    # --- the books

    def call(self, operation: str, *arguments: Any, **more: Any) -> Any:
        """One operation of the accounting API on the connected organisation."""
        return getattr(self.api, operation)(self.tenant, *arguments, **more)

    def contact(self, name: str = "Acme Ltd", **more: Any) -> Contact:
        made = self.call("create_contacts", Contacts(contacts=[Contact(name=name, **more)]))
        return made.contacts[0]

    def invoices(self, *invoices: Invoice, **more: Any) -> list[Invoice]:
        """Create, and have them back."""
        return list(
            self.call("create_invoices", Invoices(invoices=list(invoices)), **more).invoices
        )

    def invoice(self, number: str = "PL-1", **more: Any) -> Invoice:
        return self.invoices(new_invoice(self.contact(f"Customer of {number}"), number, **more))[0]

    def read(self, invoice: Invoice | str) -> Invoice:
        key = invoice if isinstance(invoice, str) else invoice.invoice_id
        return self.call("get_invoice", key).invoices[0]


def new_invoice(contact: Contact, number: str | None, **more: Any) -> Invoice:
    fields = {
        "type": "ACCREC",
        "status": "AUTHORISED",
        "date": DATED_ON,
        "due_date": date(2026, 12, 20),
        "line_items": [line()],
        **more,
    }
    return Invoice(contact=Contact(contact_id=contact.contact_id), invoice_number=number, **fields)


def line(description: str = "Install, zone 2", **more: Any) -> LineItem:
    fields = {
        "quantity": 3.0,
        "unit_amount": 120.0,
        "account_code": "200",
        "tax_type": "OUTPUT2",
        **more,
    }
    return LineItem(description=description, **fields)


def said(error: HTTPStatusException) -> list[str]:
    """Every validation message of a refused call."""
    rows = json.loads(error.body)["Elements"]
    return [each["Message"] for row in rows for each in row.get("ValidationErrors", ())]


def detail(error: HTTPStatusException) -> str:
    """What a problem object says."""
    return str(json.loads(error.body)["Detail"])
