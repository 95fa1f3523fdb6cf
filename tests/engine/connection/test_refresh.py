"""A refresh leaves a trace before and after, whatever becomes of it in between."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from syncd.domain.errors import NotSent, OutcomeUnknown, StoreError, Throttled, Unauthorised
from syncd.domain.facts import ConnectionChanged, TokenRefreshed
from syncd.domain.model.job import Reason
from syncd.domain.rules.tenant import connection
from syncd.store import journal
from syncd.store import tokens as stored
from tests.engine.support.connecting import ACME, AT, BETA, OTHER_ORG, World, a_world


def refreshes(world: World) -> list[str]:
    return [fact.outcome for fact in world.told if isinstance(fact, TokenRefreshed)]


async def expire(world: World) -> None:
    world.clock.advance(minutes=31)


async def test_new_pair_is_on_paper_before_it_is_used(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)

        bearer = await world.call_xero()

        (row,) = await world.store.fetch(stored.get(ACME))
        assert row.generation == bearer.generation
        assert row.refresh_started_at is None
        assert refreshes(world) == ["refreshed"]


async def test_lost_answer_leaves_the_grant_in_doubt_until_it_is_settled(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.script = ["lost", "lost", "well"]

        for _ in range(2):
            with pytest.raises(NotSent):
                await world.call_xero()
            world.clock.advance(seconds=5)
        (row,) = await world.store.fetch(stored.get(ACME))
        bearer = await world.call_xero()

        assert row.refresh_started_at == AT.replace(minute=31)
        assert bearer.generation == 2
        assert refreshes(world) == ["doubtful", "doubtful", "refreshed"]
        assert world.identity.sins == []


@pytest.mark.parametrize(("asked_s", "waits_s"), [(0.0, 0.0), (20.0, 20.0), (900.0, 60.0)])
@pytest.mark.parametrize("is_throttled", [False, True])
async def test_a_grant_in_doubt_waits_as_xero_asks_but_never_long(
    tmp_path: Path, asked_s: float, waits_s: float, *, is_throttled: bool
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.script = ["lost"]
        with pytest.raises(NotSent):
            await world.call_xero()
        world.identity.refuse_with = (
            Throttled("429", retry_after_s=asked_s, limit="identity", system="xero")
            if is_throttled
            else OutcomeUnknown("503", system="xero", retry_after_s=asked_s)
        )

        with pytest.raises((NotSent, Throttled)):
            await world.call_xero()

        delay_s = world.tokens.delay_s(ACME)
        assert delay_s == pytest.approx(waits_s, abs=0.5)


async def test_refresh_that_was_surely_not_sent_leaves_no_doubt(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.script = ["unsent"]

        with pytest.raises(NotSent):
            await world.call_xero()

        (row,) = await world.store.fetch(stored.get(ACME))
        assert row.refresh_started_at is None
        assert row.refresh_failed_since is not None
        assert refreshes(world) == ["unsent"]


async def test_unsent_retry_never_ends_an_older_doubt(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.script = ["lost", "unsent"]

        for _ in range(2):
            with pytest.raises(NotSent):
                await world.call_xero()

        (row,) = await world.store.fetch(stored.get(ACME))
        assert row.refresh_started_at is not None


async def test_identity_that_asks_to_wait_is_waited_for(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.script = ["throttled"]

        with pytest.raises(Throttled):
            await world.call_xero()
        with pytest.raises(Throttled) as caught:
            await world.call_xero()

        assert caught.value.retry_after_s > 25


async def test_refresh_rests_no_longer_than_a_quarter_of_an_hour_whatever_is_asked(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        ages = Throttled("429", retry_after_s=999_999_999.0, limit="identity", system="xero")
        world.identity.refuse_with = ages

        with pytest.raises(Throttled) as caught:
            await world.call_xero()

        assert 890 < caught.value.retry_after_s <= connection.LONGEST_REST_S
        assert world.tokens.delay_s(ACME) == pytest.approx(caught.value.retry_after_s, abs=1)


async def test_consent_rests_for_nothing_that_the_grant_before_it_was_asked_to(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        world.identity.refuse_with = Throttled("429", retry_after_s=600.0, limit="identity")
        with pytest.raises(Throttled):
            await world.tokens.refresh(ACME)
        world.identity.refuse_with = None
        world.woken.clear()

        await world.connect()

        assert world.woken == [ACME]
        assert world.tokens.delay_s(ACME) == 1500
        await expire(world)
        assert (await world.call_xero()).generation == 3


async def test_pair_the_disk_would_not_take_is_kept_and_stored_later(tmp_path: Path) -> None:
    """The pair is used by nobody until it is on paper, and the old token is not asked again."""
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.script = ["lost"]
        with pytest.raises(NotSent):
            await world.call_xero()
        world.fails_commit = [StoreError("full")]

        with pytest.raises(NotSent, match="could not be renewed"):
            await world.call_xero()
        bearer = await world.call_xero()

        assert bearer.generation == 2
        assert world.identity.refreshes == 2
        assert world.identity.sins == []


async def test_full_disk_is_noticed_before_a_token_is_spent(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.fails_commit = [StoreError("full")]

        with pytest.raises(StoreError):
            await world.call_xero()

        assert world.identity.refreshes == 0


async def test_dead_grant_is_token_expired_and_closes_the_gate(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.kill_grant()

        with pytest.raises(Unauthorised) as caught:
            await world.call_xero()

        assert caught.value.cause == "token_expired"
        assert world.connections.closed_by(ACME) is Reason.TOKEN_EXPIRED
        assert "Press Connect to Xero" in (world.connections.card(ACME).note or "")
        changed = [fact for fact in world.told if isinstance(fact, ConnectionChanged)]
        assert changed[-1].state == "TOKEN_EXPIRED"
        with pytest.raises(Unauthorised):
            await world.call_xero()
        assert world.identity.refreshes == 1


async def test_rotation_seen_only_by_xero_is_read_again_before_the_grant_is_dead(
    tmp_path: Path,
) -> None:
    """The other process stores its pair while our refresh is on its way."""
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        pair = world.identity.issue()
        sealed = world.tokens.encryption.pair(ACME, pair)

        async def faster() -> None:
            await world.store.run(stored.refreshed(ACME, 1, sealed, at=world.clock.now()))
            world.identity.tokens["canary-refresh-2"].is_revoked = True

        world.identity.meanwhile = faster

        bearer = await world.tokens.bearer(ACME)

        assert bearer.access_token == pair.access_token
        assert world.connections.is_open(ACME)


async def test_refresh_that_ends_after_a_disconnect_reconnects_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        asked, let_go = anyio.Event(), anyio.Event()

        async def slow() -> None:
            asked.set()
            await let_go.wait()

        world.identity.meanwhile = slow

        async def call() -> None:
            with pytest.raises(Unauthorised):
                await world.tokens.bearer(ACME)

        async with anyio.create_task_group() as group:
            group.start_soon(call)
            await asked.wait()
            await world.cut_off()
            let_go.set()

        (row,) = await world.store.fetch(stored.get(ACME))
        assert (row.state.value, row.sealed_access) == ("Not Connected", None)
        assert world.connections.closed_by(ACME) is Reason.NOT_CONNECTED


async def test_one_tenants_dead_grant_is_no_other_tenants_trouble(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect(ACME)
        world.identity.event = "event-2"
        await world.connect(BETA, OTHER_ORG)

        await world.cut_off()

        assert (await world.call_xero(BETA)).organisation_id == OTHER_ORG


async def test_token_that_permits_more_than_was_granted_is_said_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.identity.granted = (*world.identity.granted, "payroll.employees")

        for _ in range(2):
            await expire(world)
            await world.call_xero()

        entries = await world.store.fetch(journal.of_object(ACME, "Xero connection", ACME))
        said = [
            one.entry.description
            for one in entries
            if "more than was granted" in one.entry.description
        ]
        assert said == ["Xero's new token permits more than was granted: payroll.employees."]


async def test_pair_that_is_stored_and_could_not_be_read_is_not_asked_for_again(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)

        async def away() -> None:
            world.driver.fails_reads = 2

        world.identity.meanwhile = away
        for _ in range(2):
            with pytest.raises((NotSent, StoreError)):
                await world.call_xero()
        bearer = await world.call_xero()

        assert bearer.generation == 2
        assert world.identity.refreshes == 1


async def test_consent_that_ends_as_the_grant_before_it_is_found_dead_stands(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        world.identity.kill_grant()

        async def asked() -> None:
            world.driver.before_write = world.connect

        world.identity.meanwhile = asked
        bearer = await world.call_xero()

        assert bearer.generation == 2
        entries = await world.store.fetch(journal.of_object(ACME, "Xero connection", ACME))
        assert not [one for one in entries if "TOKEN_EXPIRED" in one.entry.description]
