"""Connections: compare-and-set on the generation, and nothing open at rest."""

from __future__ import annotations

import pytest

from syncd.domain.errors import Conflict, StoreError
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.store import tokens
from syncd.store.tokens import Connection, SealedPair
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, later


def pair(name: str) -> SealedPair:
    return SealedPair(
        access=f"access {name}".encode(),
        access_expires_at=later(1800),
        refresh=f"refresh {name}".encode(),
    )


async def connect(store: Store, tenant: TenantId = ACME, organisation: str = "o1") -> None:
    await store.run(
        tokens.connect(
            tenant,
            pair("1"),
            organisation_id=XeroOrganisationId(organisation),
            organisation_name="Acme Ltd",
            connection_id="k1",
            scopes="offline_access",
            at=AT,
        )
    )


async def connection(store: Store) -> Connection:
    (found,) = await store.fetch(tokens.get(ACME))
    return found


async def test_connect_is_read_back_whole(store: Store) -> None:
    assert await store.fetch(tokens.get(ACME)) == ()

    await connect(store)

    found = await connection(store)
    assert (found.tenant, found.state, found.generation) == (ACME, ConnectionState.CONNECTED, 1)
    assert (found.sealed_access, found.sealed_refresh) == (b"access 1", b"refresh 1")
    assert (found.organisation_id, found.connected_at, found.refresh_issued_at) == ("o1", AT, AT)
    assert await store.fetch(tokens.everyone()) == (found,)
    assert "access 1" not in repr(found)


async def test_one_organisation_belongs_to_one_tenant(store: Store) -> None:
    await connect(store)

    with pytest.raises(Conflict, match=r"tokens\.connect"):
        await connect(store, BETA)


async def test_refresh_stays_started_from_its_first_start_until_it_is_settled(
    store: Store,
) -> None:
    await connect(store)

    await store.run(tokens.refresh_started(ACME, 1, later(1)))
    await store.run(tokens.refresh_doubtful(ACME, 1, later(2), "timeout"))
    await store.run(tokens.refresh_started(ACME, 1, later(5)))
    doubtful = await connection(store)
    await store.run(tokens.refreshed(ACME, 1, pair("2"), at=later(6)))
    settled = await connection(store)

    assert (doubtful.refresh_started_at, doubtful.refresh_failed_since) == (later(1), later(2))
    assert (settled.generation, settled.refresh_started_at, settled.refresh_failed_since) == (
        2,
        None,
        None,
    )
    assert (settled.sealed_refresh, settled.refresh_issued_at) == (b"refresh 2", later(6))


async def test_refresh_surely_not_sent_is_not_in_doubt(store: Store) -> None:
    await connect(store)
    await store.run(tokens.refresh_started(ACME, 1, later(1)))

    await store.run(tokens.refresh_unsent(ACME, 1, later(2), "refused"))

    found = await connection(store)
    assert (found.refresh_started_at, found.refresh_failed_since) == (None, later(2))


async def test_refresh_that_lost_the_race_changes_nothing(store: Store) -> None:
    await connect(store)
    await store.run(tokens.refreshed(ACME, 1, pair("2"), at=later(1)))

    for late in (
        tokens.refreshed(ACME, 1, pair("3"), at=later(2)),
        tokens.refresh_started(ACME, 1, later(2)),
        tokens.resealed(ACME, 1, access=b"x", refresh=b"y"),
        tokens.expired(ACME, 1, "invalid_grant"),
        tokens.refused(ACME, 1, "its role"),
        tokens.disconnected(ACME, 1, "removed in Xero"),
    ):
        with pytest.raises(Conflict):
            await store.run(late)

    found = await connection(store)
    assert (found.state, found.sealed_refresh) == (ConnectionState.CONNECTED, b"refresh 2")


async def test_refresh_that_comes_back_after_a_disconnect_brings_no_token(store: Store) -> None:
    await connect(store)
    await store.run(tokens.refresh_started(ACME, 1, later(1)))
    await store.run(tokens.disconnected(ACME, 1, "a person"))

    with pytest.raises(Conflict):
        await store.run(tokens.refreshed(ACME, 1, pair("2"), at=later(2)))

    found = await connection(store)
    assert found.state is ConnectionState.NOT_CONNECTED
    assert (found.sealed_access, found.sealed_refresh) == (None, None)
    assert found.organisation_id == "o1"


async def test_expired_forgets_the_dead_pair_and_connect_brings_a_new_one(store: Store) -> None:
    await connect(store)

    await store.run(tokens.expired(ACME, 1, "invalid_grant"))
    dead = await connection(store)
    await connect(store)
    alive = await connection(store)

    assert (dead.state, dead.sealed_refresh, dead.note) == (
        ConnectionState.TOKEN_EXPIRED,
        None,
        "invalid_grant",
    )
    assert (alive.state, alive.generation, alive.note) == (ConnectionState.CONNECTED, 3, None)


async def test_connected_without_a_token_is_impossible(store: Store) -> None:
    await connect(store)

    with pytest.raises(StoreError, match=r"(?i)check"):
        await store.run(tokens.resealed(ACME, 1, access=None, refresh=None))
