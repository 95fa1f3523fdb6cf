"""The judges at the door bite: another tenant's document, token or calls, each is named."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import cast

import pytest

from syncd.lab.judges import tenants_apart
from syncd.lab.judges.conduct import ConductJudge
from syncd.lab.judges.token_conduct import TokenJudge
from syncd.lab.watch import tenancy
from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.store_reader import StoredCall, StoreReader
from syncd.lab.watch.tenancy import NAMES, Tenant
from syncd.lab.watch.watched_wire import Departure
from syncd.lab.watch.watched_xero import API, TOKEN, Arrival, WatchedXero
from syncd.ports.transport import HttpRequest
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response

INVOICE = "5f0c6bd2-3d0f-4f0e-9b0a-0d6a3a1e2f47"


class Paper:
    """A store in which every call and refresh is in order."""

    def __init__(self) -> None:
        self.body = b""

    def stored_call(self, _key: str) -> StoredCall:
        return StoredCall(
            method="PUT",
            target="Invoices",
            body=self.body,
            elements=1,
            is_closed=False,
            intents=1,
            open_intents=1,
        )

    def open_refreshes(self) -> int:
        return 1


class World:
    """A pretend Xero with two tenants' organisations, its judge, and what arrives."""

    def __init__(self) -> None:
        self.xero = WatchedXero(clock=SandboxClock(lambda: 0.0), seed=1, organisations=2)
        self.first, self.second = tenancy.tenants(NAMES[:2], self.xero)
        self.paper = Paper()
        stores: Mapping[str, StoreReader] = dict.fromkeys(
            self.xero.books, cast("StoreReader", self.paper)
        )
        self.witnesses = {organisation: OperatorWitness() for organisation in stores}
        both = (self.first, self.second)
        self.judge = ConductJudge(self.xero, both, stores, self.witnesses, lambda: 1)
        self.tokens = TokenJudge(stores, self.witnesses)

    def write(self, to: Tenant, element: Mapping[str, object], key: str = "a key") -> list[str]:
        self.paper.body = json.dumps({"Invoices": [element]}).encode()
        self.judge.arriving(arrival("PUT", f"{API}Invoices", to.organisation, self.paper.body, key))
        return self.judge.violations


def arrival(
    method: str,
    path: str,
    organisation: str = "",
    body: bytes = b"",
    key: str = "",
    *,
    at_s: float = 0.0,
    bearer: str = "",
    answer: Mapping[str, object] | None = None,
) -> Arrival:
    headers = {
        "xero-tenant-id": organisation,
        "idempotency-key": key,
        "authorization": f"Bearer {bearer}",
    }
    request = Request(method=method, path=path, headers=headers, body=body)
    answered = None if answer is None else Response(status=200, body=json.dumps(answer).encode())
    return Arrival(number=1, request=request, at_s=at_s, answered=answered)


@pytest.fixture
def world() -> World:
    return World()


def marked(tenant: Tenant) -> str:
    return f"{tenant.invoice_url.format(id=INVOICE)}?syncd=abcd"


def test_mark_of_another_tenants_invoice_is_named(world: World) -> None:
    assert world.write(world.second, {"Url": marked(world.second)}) == []

    (said,) = world.write(world.second, {"Url": marked(world.first)}, "another key")

    assert "is the mark of no invoice of second" in said


@pytest.mark.parametrize("at", ["contact", "invoice"])
def test_document_that_stands_in_another_tenants_books_is_named(world: World, at: str) -> None:
    command = {"tenant": world.first.organisation, "do": f"create_{at}"}
    made = world.xero.bookkeeper({**command, "Name": "A"} if at == "contact" else command)
    name = f"{at.title()}ID"
    sent = {name: made[name]} if at == "invoice" else {"Contact": {name: made[name]}}

    assert world.write(world.first, sent) == []
    (said,) = world.write(world.second, sent, "another key")
    assert "stands in the books of another tenant" in said


def test_call_for_nobodys_organisation_is_named(world: World) -> None:
    world.judge.arriving(arrival("GET", f"{API}Invoices", "no organisation"))

    (said,) = world.judge.violations
    assert "which is no tenant's" in said


def test_each_organisation_has_a_minute_of_its_own(world: World) -> None:
    world.xero.switches.turn({"minute_limit": 2})
    for tenant in (world.first, world.second):
        for at_s in (0.0, 30.0):
            world.judge.arriving(arrival("GET", API, tenant.organisation, at_s=at_s))
    assert world.judge.violations == []

    world.judge.arriving(arrival("GET", API, world.second.organisation, at_s=59.0))

    (said,) = world.judge.violations
    assert "call 3 within 60 s" in said


def test_minute_of_the_app_is_everybodys(world: World) -> None:
    world.xero.switches.turn({"app_minute_limit": 2})
    for tenant in (world.first, world.second, world.first):
        world.judge.arriving(arrival("GET", API, tenant.organisation))

    (said,) = world.judge.violations
    assert "of the app" in said


def test_calls_at_once_are_counted_for_each_organisation(world: World) -> None:
    world.xero.switches.turn({"concurrent_limit": 1})

    def call(tenant: Tenant) -> HttpRequest:
        headers = {"xero-tenant-id": tenant.organisation}
        return HttpRequest(method="GET", url=f"http://x{API}Invoices", headers=headers)

    others = (call(world.first),)
    world.judge.departing(Departure(request=call(world.second), under_way=others))
    assert world.judge.violations == []
    world.judge.departing(Departure(request=call(world.first), under_way=others))
    (said,) = world.judge.violations
    assert "call 2 at once" in said


def token(name: str) -> str:
    """It lives for half an hour of a world that begins at 0."""
    claims = urlsafe_b64encode(json.dumps({"exp": 1800, "jti": name}).encode()).decode()
    return f"head.{claims}.tail"


def issued(name: str, body: bytes = b"grant_type=authorization_code") -> Arrival:
    pair = {"refresh_token": f"r-{name}", "access_token": token(name), "expires_in": 1800}
    return arrival("POST", TOKEN, body=body, answer=pair)


def test_token_of_another_tenants_consent_is_named_after_refreshing_too(world: World) -> None:
    tokens = world.tokens
    tokens.done(issued("1"))
    first, second = world.first.organisation, world.second.organisation

    assert list(tokens.arriving(arrival("GET", API, first, bearer=token("1")))) == []
    tokens.done(issued("2", b"grant_type=refresh_token&refresh_token=r-1"))
    assert list(tokens.arriving(arrival("GET", API, first, bearer=token("2")))) == []
    assert list(tokens.arriving(arrival("GET", API, second, bearer=token("2")))) == [
        "with a token of another tenant's consent"
    ]


@pytest.mark.parametrize(("set_at_s", "is_early"), [(-60.0, True), (-0.5, False), (1.0, False)])
def test_refresh_of_a_young_pair_is_explained_by_a_clock_set_since_it_was_asked_for(
    world: World, set_at_s: float, *, is_early: bool
) -> None:
    for witness in world.witnesses.values():
        witness.steps.append((set_at_s, -3600.0))
    world.tokens.done(issued("1"))
    again = b"grant_type=refresh_token&refresh_token=r-1"

    said = list(world.tokens.arriving(arrival("POST", TOKEN, body=again, at_s=3.0)))

    assert any("never refused" in each for each in said) is is_early


def test_two_tenants_may_refresh_at_once_and_one_may_not(world: World) -> None:
    tokens = world.tokens
    tokens.done(issued("1"))
    tokens.done(issued("2"))

    def refresh(name: str) -> HttpRequest:
        body = f"grant_type=refresh_token&refresh_token=r-{name}".encode()
        return HttpRequest(method="POST", url=f"http://x{TOKEN}", body=body)

    assert list(tokens.departing(refresh("1"), (refresh("2"),))) == []
    assert list(tokens.departing(refresh("1"), (refresh("1"),))) == [
        "a second call for tokens beside the first"
    ]


def test_id_of_another_tenants_books_is_named_where_it_was_told_and_linked() -> None:
    organisation = {"invoices": [{"InvoiceID": "i"}], "contacts": [{"ContactID": "c"}]}
    told = {"invoice": {"1": {"xeroInvoiceId": "i", "xeroContactId": "c"}, "2": {"state": "held"}}}
    links = [("invoice 1", "i"), ("customer 1", "c")]
    assert list(tenants_apart.judge({"results": told}, organisation, links)) == []

    told["invoice"]["2"] = {"xeroInvoiceId": "another"}
    links.append(("invoice 2", "another"))

    said = list(tenants_apart.judge({"results": told}, organisation, links))
    assert ["for invoice 2" in said[0], "invoice 2 is linked" in said[1]] == [True, True]
