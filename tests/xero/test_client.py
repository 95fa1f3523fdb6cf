"""One call to Xero: token, turn, transport, verdict, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anyio
import pytest

from syncd.domain.errors import (
    Garbled,
    NotRenewed,
    NotSent,
    OutcomeUnknown,
    ServerTrouble,
    Throttled,
    Unauthorised,
)
from syncd.domain.ids import IdempotencyKey
from syncd.ports.transport import HttpResponse
from syncd.xero.breaker import OPEN_S, TRIP_AFTER
from syncd.xero.client import XeroRequest
from tests.xero.support.worlds import TENANT, Connected, Lane, connect, virtually

READ = XeroRequest(
    operation="read_organisation", method="GET", target="/Organisation", lane=Lane.SWEEP
)
WRITE = XeroRequest(
    operation="create_contacts",
    method="PUT",
    target="/Contacts?summarizeErrors=false",
    lane=Lane.WRITE,
    body=b'{"Contacts":[{"Name":"Acme"}]}',
    idempotency_key=IdempotencyKey("k-1"),
)
FORBIDDEN = HttpResponse(
    status=403,
    headers={"content-type": "application/json"},
    body=b'{"Title":"Forbidden","Status":403,"Detail":"AuthenticationUnsuccessful"}',
)


def played(world: Callable[[Connected], Any], **switches: Any) -> None:
    async def main() -> None:
        await world(await connect(**switches))

    virtually(main)


def test_call_carries_what_xero_asks_for() -> None:
    async def world(xero: Connected) -> None:
        await xero.client.request(TENANT, WRITE)

        (sent,) = xero.transport.sent
        assert sent.url == "https://api.xero.com/api.xro/2.0/Contacts?summarizeErrors=false"
        assert sent.headers == {
            "Authorization": f"Bearer {xero.tokens.pair.access_token}",
            "xero-tenant-id": xero.tokens.organisation,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Idempotency-Key": "k-1",
        }

    played(world)


def test_call_is_told_once_it_has_ended() -> None:
    async def world(xero: Connected) -> None:
        await xero.client.request(TENANT, READ)

        (call,) = xero.calls
        assert (call.tenant, call.operation, call.status) == (TENANT, "read_organisation", 200)
        assert call.took_s == pytest.approx(0.2)
        assert call.bytes_read > 500
        assert (call.minute_remaining, call.day_remaining) == (59, 4999)
        assert call.app_remaining == 9998, "the list of connections counts for the app"

    played(world, latency_s=0.2)


@pytest.mark.parametrize("call", [READ, WRITE])
def test_expired_token_is_renewed_once_and_the_call_repeated(call: XeroRequest) -> None:
    """Writes too: a 401 was surely not applied."""

    async def world(xero: Connected) -> None:
        xero.world.clock.advance(1900)

        await xero.client.request(TENANT, call)

        assert xero.tokens.renewals == 1
        assert [made.status for made in xero.calls] == [401, 200]

    played(world)


def test_token_refused_again_after_its_renewal_was_surely_not_applied() -> None:
    async def world(xero: Connected) -> None:
        xero.tokens.is_stuck = True
        xero.world.clock.advance(1900)

        with pytest.raises(NotRenewed) as caught:
            await xero.client.request(TENANT, WRITE)

        assert caught.value.detail == "it refuses the token it has just issued"
        assert [made.status for made in xero.calls] == [401, 401]

    played(world)


def test_xero_that_refuses_every_token_rests_as_if_it_failed() -> None:
    """Else each round of each loop would cost two calls and a refresh, for as long as it does."""

    async def world(xero: Connected) -> None:
        xero.world.faults.set(
            [{"do": "unauthorised", "times": 12, "match": {"path": "Organisation"}}]
        )
        for _ in range(5):
            with pytest.raises(NotRenewed):
                await xero.client.request(TENANT, READ)
        with pytest.raises(Throttled) as caught:
            await xero.client.request(TENANT, READ)
        assert caught.value.limit == "breaker"
        assert xero.client.budget_left(TENANT).failing_since_s is not None

        await anyio.sleep(caught.value.retry_after_s)
        with pytest.raises(NotRenewed):
            await xero.client.request(TENANT, READ)
        with pytest.raises(Throttled) as again:
            await xero.client.request(TENANT, READ)
        assert again.value.retry_after_s > 1.9 * caught.value.retry_after_s
        assert xero.tokens.renewals == 6

        await anyio.sleep(again.value.retry_after_s)
        assert (await xero.client.request(TENANT, READ)).status == 200
        assert xero.client.budget_left(TENANT).failing_since_s is None

    played(world)


def test_tokens_that_end_are_no_failure_of_xeros() -> None:
    async def world(xero: Connected) -> None:
        for _ in range(7):
            xero.world.faults.set(
                [{"do": "unauthorised", "times": 1, "match": {"path": "Organisation"}}]
            )
            assert (await xero.client.request(TENANT, READ)).status == 200

    played(world)


def test_disconnection_found_at_xero_is_told_to_the_token_keeper() -> None:
    async def world(xero: Connected) -> None:
        xero.do(do="disconnect")

        with pytest.raises(Unauthorised) as caught:
            await xero.client.request(TENANT, READ)

        assert caught.value.cause == "disconnected"
        assert xero.tokens.cut_off == [TENANT]

    played(world)


def test_403_that_xeros_list_of_connections_denies_is_a_failure_of_xeros() -> None:
    """Nothing is forgotten for it, and a tenant whose every call ends so is not told as well."""

    async def world(xero: Connected) -> None:
        await xero.client.request(TENANT, READ)
        for _ in range(TRIP_AFTER):
            xero.transport.answers = [FORBIDDEN]
            with pytest.raises(ServerTrouble) as caught:
                await xero.client.request(TENANT, READ)
            assert caught.value.status == 403
        assert xero.tokens.cut_off == []
        assert xero.client.budget_left(TENANT).failing_since_s is not None

        await anyio.sleep(OPEN_S)
        assert (await xero.client.request(TENANT, READ)).status == 200

    played(world)


def test_write_refused_by_a_403_that_xeros_list_denies_is_looked_for() -> None:
    async def world(xero: Connected) -> None:
        xero.transport.answers = [FORBIDDEN]

        with pytest.raises(OutcomeUnknown):
            await xero.client.request(TENANT, WRITE)

        assert xero.tokens.cut_off == []

    played(world)


def test_write_that_rests_on_an_old_read_does_not_leave() -> None:
    async def world(xero: Connected) -> None:
        now = xero.clock.now()
        late = XeroRequest(
            operation="create_contacts",
            method="PUT",
            target="/Contacts",
            lane=Lane.WRITE,
            body=b"{}",
            not_after=now - timedelta(seconds=1),
        )

        with pytest.raises(NotSent):
            await xero.client.request(TENANT, late)

        assert xero.transport.sent == []

    played(world)


def test_write_never_waits_for_its_turn_and_a_read_does() -> None:
    async def world(xero: Connected) -> None:
        for _ in range(51):
            await xero.client.request(TENANT, WRITE)
        began_s = anyio.current_time()

        with pytest.raises(Throttled):
            await xero.client.request(TENANT, WRITE)

        assert anyio.current_time() == began_s
        assert len(xero.transport.sent) == 51

    played(world)


def test_limit_of_xeros_own_is_obeyed_without_asking_again() -> None:
    async def world(xero: Connected) -> None:
        xero.world.faults.set([{"do": "throttle", "problem": "day", "retry_after": 5000}])

        for _ in range(2):
            with pytest.raises(Throttled) as caught:
                await xero.client.request(TENANT, READ)
            assert caught.value.limit == "day"

        assert caught.value.retry_after_s == 5000
        assert len(xero.transport.sent) == 1

    played(world)


def test_concurrent_limit_leaves_fewer_in_flight() -> None:
    async def world(xero: Connected) -> None:
        await xero.client.request(TENANT, READ)
        xero.world.faults.set([{"do": "throttle", "problem": "concurrent"}])
        with pytest.raises(Throttled):
            await xero.client.request(TENANT, READ)

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(xero.client.request, TENANT, READ)

        assert [made.status for made in xero.calls].count(200) == 9
        assert xero.world.counters()["throttled"] == {"concurrent": 1}  # the planted one

    played(world, latency_s=1.0, concurrent_limit=4)


@pytest.mark.parametrize(
    ("fault", "read", "write"),
    [
        ("drop_before_commit", ServerTrouble, OutcomeUnknown),
        ("drop_after_commit", ServerTrouble, OutcomeUnknown),
        ("error_after_commit", ServerTrouble, OutcomeUnknown),
        ("unavailable", ServerTrouble, OutcomeUnknown),
        ("html", ServerTrouble, OutcomeUnknown),
    ],
)
def test_trouble_is_a_lost_read_or_an_unknown_write(
    fault: str, read: type[Exception], write: type[Exception]
) -> None:
    async def world(xero: Connected) -> None:
        xero.world.faults.set([{"do": fault, "times": 2}])

        with pytest.raises(read):
            await xero.client.request(TENANT, READ)
        with pytest.raises(write):
            await xero.client.request(TENANT, WRITE)

    played(world)


def test_five_failures_in_a_row_rest_the_tenant_and_one_probe_reopens() -> None:
    async def world(xero: Connected) -> None:
        xero.world.faults.set([{"do": "unavailable", "times": 5}])
        for _ in range(5):
            with pytest.raises(ServerTrouble):
                await xero.client.request(TENANT, READ)

        with pytest.raises(Throttled) as caught:
            await xero.client.request(TENANT, READ)
        assert caught.value.limit == "breaker"
        with pytest.raises(Throttled):
            await xero.client.reserve(TENANT, Lane.WRITE, 1)
        assert len(xero.transport.sent) == 5

        await anyio.sleep(caught.value.retry_after_s)
        assert (await xero.client.request(TENANT, READ)).status == 200
        assert (await xero.client.request(TENANT, READ)).status == 200

    played(world)


@pytest.mark.parametrize("status", [200, 302, 403])
def test_answers_of_something_in_front_of_xero_rest_the_tenant(status: int) -> None:
    """A portal's page, a firewall that blocks this address: tried again for ever else."""

    async def world(xero: Connected) -> None:
        xero.world.faults.set([{"do": "html", "status": status, "times": 5}])
        for _ in range(5):
            with pytest.raises((ServerTrouble, Garbled)):
                await xero.client.request(TENANT, READ)

        with pytest.raises(Throttled) as caught:
            await xero.client.request(TENANT, READ)
        assert caught.value.limit == "breaker"

        await anyio.sleep(caught.value.retry_after_s)
        assert (await xero.client.request(TENANT, READ)).status == 200

    played(world)


def test_refusals_do_not_trip_the_breaker() -> None:
    async def world(xero: Connected) -> None:
        strange = XeroRequest(
            operation="read", method="GET", target="/Organisations2", lane=Lane.SWEEP
        )
        for _ in range(7):
            with pytest.raises(ServerTrouble):
                await xero.client.request(TENANT, strange)

    played(world)


def test_no_error_shows_a_token() -> None:
    async def world(xero: Connected) -> None:
        token = xero.tokens.pair.access_token
        xero.world.faults.set([{"do": "drop_after_commit"}])

        with pytest.raises(OutcomeUnknown) as caught:
            await xero.client.request(TENANT, WRITE)

        shown = f"{caught.value!r} {caught.value} {WRITE!r} {await xero.tokens.bearer(TENANT)!r}"
        assert token not in shown
        assert "Acme" not in shown

    played(world)
