"""The gate and the card: what holds a tenant's work, what people read, who is woken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.domain.errors import StoreError, Unauthorised
from syncd.domain.facts import ConnectionChanged
from syncd.domain.ids import TenantId
from syncd.domain.model.job import Reason
from syncd.store import pending
from syncd.store.unit_of_work import Transaction
from tests.engine.support.connecting import ACME, AT, BETA, OTHER_ORG, a_world

WARNING = "Token Refresh Required — Your access token is expiring soon"


async def test_tenant_that_never_connected_is_held_as_not_connected(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        card = world.connections.card(ACME)

        assert world.connections.closed_by(ACME) is Reason.NOT_CONNECTED
        assert (card.status, card.organisation, card.connected_at) == ("Not Connected", None, None)
        assert "Press Connect to Xero" in (card.note or "")
        with pytest.raises(Unauthorised, match="Press Connect to Xero"):
            world.connections.opened(ACME)


async def test_gate_stands_as_it_stood_after_a_restart(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect(ACME)
        world.identity.event = "event-2"
        await world.connect(BETA, OTHER_ORG)
        await world.cut_off(BETA)

        await world.restart()

        assert world.connections.is_open(ACME)
        assert world.connections.closed_by(BETA) is Reason.NOT_CONNECTED
        assert world.connections.closed_by(TenantId("unknown")) is Reason.NOT_CONNECTED


async def test_shut_gate_is_closed_before_anything_is_on_paper(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        world.connections.shut(ACME)

        assert world.connections.closed_by(ACME) is Reason.NOT_CONNECTED
        with pytest.raises(Unauthorised):
            await world.tokens.bearer(ACME)
        await world.connections.moved(ACME, cause="somebody else moved it")
        assert not world.connections.is_open(ACME)
        await world.connections.unshut(ACME, cause="nothing came of it")
        assert world.connections.is_open(ACME)
        assert world.woken == [ACME, ACME]


async def test_every_change_of_state_is_told_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.cut_off()
        await world.cut_off()
        await world.connect()

        told = [fact.state for fact in world.told if isinstance(fact, ConnectionChanged)]
        assert told == ["Connected", "Not Connected", "Connected"]
        assert world.woken == [ACME, ACME]


async def test_card_of_a_connection_shows_both_ends_of_its_tokens(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        card = world.connections.card(ACME)

        assert card.access_expires_at == AT + timedelta(minutes=30)
        assert card.refresh_expires_at == AT + timedelta(days=60)
        assert (card.warning, card.note) == (None, None)


async def test_warning_comes_with_failing_refreshes_and_goes_with_a_good_one(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        for _ in range(3):
            world.identity.script = ["unreached"]
            with pytest.raises(Exception, match="could not be renewed"):
                await world.tokens.refresh(ACME)
            world.clock.advance(minutes=5)

        assert world.connections.warning(ACME) == WARNING
        assert world.connections.is_open(ACME)

        await world.tokens.refresh(ACME)

        assert world.connections.warning(ACME) is None


async def test_clock_that_is_set_back_puts_off_no_warning_and_makes_no_dead_token_live(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:

        async def fail() -> None:
            world.identity.script = ["unreached"]
            with pytest.raises(Exception, match="could not be renewed"):
                await world.tokens.refresh(ACME)

        await world.connect()
        world.clock.advance(minutes=25)
        await fail()
        world.clock.advance(hours=-6)
        tx = Transaction()
        tx.add_all(pending.moved(timedelta(hours=-6), world.clock.now()))
        await world.store.commit(tx)

        world.clock.advance(minutes=5)
        await fail()
        card = world.connections.card(ACME)
        assert card.access_expires_at == world.clock.now()
        assert card.warning is None
        world.clock.advance(minutes=5)
        assert world.connections.warning(ACME) == WARNING


async def test_warning_is_not_about_an_access_tokens_half_hour(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        world.clock.advance(minutes=29)
        assert world.connections.warning(ACME) is None
        world.clock.advance(days=50)
        assert world.connections.warning(ACME) == WARNING


async def test_card_keeps_the_organisation_after_a_disconnect(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.cut_off()

        card = world.connections.card(ACME)

        assert (card.status, card.organisation) == ("Not Connected", "org-1 Ltd")
        assert (card.access_expires_at, card.refresh_expires_at) == (None, None)


async def test_gate_shut_for_what_could_neither_be_stored_nor_read_again_is_as_it_was(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.fails_commit = [StoreError("nobody there")]
        world.driver.fails_reads = 1

        with pytest.raises(StoreError):
            await world.cut_off()

        assert world.connections.is_open(ACME)
        assert world.woken == [ACME, ACME]
        await world.cut_off()
        assert not world.connections.is_open(ACME)
        await world.connect()
        assert world.connections.is_open(ACME)


async def test_read_that_is_answered_late_brings_no_older_pair_back(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.driver.after_read = world.connect

        await world.connections.reread(ACME)

        assert world.in_hand().generation == 2
