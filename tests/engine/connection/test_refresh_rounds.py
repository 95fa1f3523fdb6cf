"""Rounds of the keeper: whatever dies, a grant is settled in time and one consent is enough."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import RemoteError, StoreError, SyncdError, Unauthorised
from syncd.domain.model.job import Reason
from syncd.domain.rules.tenant import connection as connection_rules
from syncd.engine.connection import refresh_rounds
from syncd.runtime.vault import FernetVault, new_encryption_key
from syncd.store import tokens as stored
from syncd.store.tokens import Connection
from tests.engine.support.connecting import ACME, KEYS, Killed, World, a_world
from tests.searching import examples


async def connection(world: World) -> Connection:
    (row,) = await world.store.fetch(stored.get(ACME))
    return row


async def keep(world: World) -> float | None:
    return await refresh_rounds.refresh_once(world.tokens, ACME)


async def test_round_rests_until_a_token_is_due(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        assert await keep(world) == 1500.0
        world.clock.advance(seconds=1490)
        assert await keep(world) == 10.0
        assert world.identity.refreshes == 0


async def test_round_refreshes_ahead_of_the_end_whether_or_not_anybody_asks(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=25)

        assert await keep(world) == 1500.0

        assert world.identity.refreshes == 1
        assert (await connection(world)).generation == 2


async def test_ten_thousand_seconds_of_half_hour_tokens_cost_seven_refreshes(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        passed_s = 0.0
        while passed_s < 10_000:
            delay_s = await keep(world)
            assert delay_s is not None
            world.clock.advance(seconds=delay_s)
            passed_s += delay_s
            await world.call_xero()

        assert world.identity.refreshes <= 7
        assert world.identity.sins == []


async def test_tokens_of_three_seconds_cost_21_refreshes_a_minute_at_most(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.life_s = 3.0
        await world.connect()
        for _ in range(500):
            await keep(world)
            await world.call_xero()
            world.clock.advance(seconds=0.12)

        assert world.identity.refreshes <= 21
        assert world.identity.sins == []


async def test_closed_gate_needs_no_round(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        assert await keep(world) is None

        await world.connect()
        await world.cut_off()

        assert await keep(world) is None


async def test_doubt_left_by_a_crash_is_settled_by_the_first_round(tmp_path: Path) -> None:
    async with a_world(tmp_path, retry_s=5.0) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        world.identity.script = ["killed_after"]
        with pytest.raises(Killed):
            await keep(world)
        world.clock.advance(minutes=25)
        await world.restart()

        await keep(world)

        assert (await connection(world)).generation == 2
        assert (await connection(world)).refresh_started_at is None
        assert world.identity.sins == []


async def test_doubt_is_retried_by_rounds_until_it_is_settled(tmp_path: Path) -> None:
    async with a_world(tmp_path, retry_s=5.0) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        world.identity.script = ["lost"]

        delay_s = await keep(world)

        assert delay_s is not None
        assert 0 < delay_s <= 5


async def test_doubt_older_than_the_grace_is_asked_after_once_a_minute(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        world.identity.script = ["unreached", "unreached"]
        await keep(world)
        world.clock.advance(minutes=31)

        delay_s = await keep(world)

        assert delay_s is not None
        assert 50 < delay_s <= 60


async def test_doubt_past_the_grace_ends_as_token_expired(tmp_path: Path) -> None:
    """What nobody can heal is said: lost answer, then more than 30 minutes without Xero."""
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        world.identity.script = ["lost"]
        await keep(world)
        world.clock.advance(minutes=31)

        assert await keep(world) is None

        assert world.connections.closed_by(ACME) is Reason.TOKEN_EXPIRED


async def test_lost_encryption_key_closes_the_gate_and_says_what_is_lost(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.keys = new_encryption_key()

        await world.restart()

        card = world.connections.card(ACME)
        assert world.connections.closed_by(ACME) is Reason.TOKEN_EXPIRED
        assert "links, queue and history stay" in (card.note or "")
        assert (await connection(world)).state.value == "Connected"

        world.keys = KEYS
        await world.restart()

        assert world.connections.is_open(ACME)


async def test_tenant_whose_encryption_key_comes_back_reads_before_it_writes(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.restart()
        assert not world.connections.needs_catch_up(ACME)
        world.keys = new_encryption_key()
        await world.restart()

        world.keys = KEYS
        await world.restart()

        assert world.connections.needs_catch_up(ACME)


async def test_reseal_puts_every_pair_under_the_new_key_while_it_works(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        before = await world.call_xero()
        new = new_encryption_key()

        both = FernetVault(f"{new}\n{KEYS}")
        world.tokens.encryption.use(both)

        done = await refresh_rounds.reseal_all(world.tokens, world.store, both.resealed)

        world.keys = new
        await world.restart()
        assert done == 1
        assert await world.call_xero() == before


async def test_keys_are_refused_that_do_not_open_what_the_present_ones_open(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        other = new_encryption_key()

        with pytest.raises(SyncdError, match="does not open"):
            refresh_rounds.refuse_unopened(world.tokens, FernetVault(other))
        refresh_rounds.refuse_unopened(world.tokens, FernetVault(f"{other}\n{KEYS}"))


def crash_points(world: World) -> list[tuple[str, Callable[[], None]]]:
    """Everywhere a refresh can die: at each of its port calls, before and after its effect."""
    return [
        ("started not on paper", lambda: world.fails_commit.append(StoreError("gone"))),
        ("killed before it was sent", lambda: world.identity.script.append("killed_before")),
        ("killed with the answer", lambda: world.identity.script.append("killed_after")),
        ("answer lost", lambda: world.identity.script.append("lost")),
        ("never arrived", lambda: world.identity.script.append("unreached")),
        ("surely not sent", lambda: world.identity.script.append("unsent")),
        ("killed after the answer, before paper", lambda: world.kill_next_commit(2)),
        ("killed as the start is committed", lambda: world.kill_next_commit(1)),
    ]


@pytest.mark.parametrize("point", range(8))
@pytest.mark.parametrize("delay_s", [0, 60, 1500])
async def test_death_at_any_await_of_a_refresh_costs_no_consent(
    point: int, delay_s: float, tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        crash_points(world)[point][1]()
        with contextlib.suppress(Killed, SyncdError):
            await keep(world)
        world.clock.advance(seconds=delay_s)
        await world.restart()

        await keep(world)

        bearer = await world.call_xero()
        assert bearer.generation == 2
        assert world.connections.is_open(ACME)
        assert world.identity.sins == []
        assert len(world.identity.exchanged) == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.sampled_from([1, 5, 60, 300, 1500])),
        st.tuples(
            st.just("next"), st.sampled_from(["lost", "unreached", "unsent", "killed_after"])
        ),
        st.tuples(st.just("calls"), st.integers(1, 4)),
        st.tuples(st.just("keep"), st.just(0)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("disk"), st.integers(1, 2)),
    ),
    max_size=25,
)


@examples(60)
@given(steps=STEPS)
def test_no_schedule_of_deaths_and_losses_breaks_the_grant(
    steps: Sequence[tuple[str, int | str]],
) -> None:
    """Never two refreshes in flight, no token after its successor's use, one consent for all."""

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with a_world(Path(folder)) as world:
                await world.connect()
                for what, how in steps:
                    await take(world, what, how)
                await keep_settled(world)
                await world.call_xero()

                assert world.connections.is_open(ACME)
                assert world.identity.sins == []
                assert len(world.identity.exchanged) == 1

    anyio.run(run)


async def take(world: World, what: str, how: int | str) -> None:
    """One step; what may die does, and the next process goes on."""
    match what:
        case "advance":
            # The keeper retries every few seconds: no doubt is left alone past its grace.
            await keep_settled(world)
            world.clock.advance(seconds=float(how))
        case "next":
            world.identity.script.append(str(how))
        case "calls":
            await survive(world, lambda: many(world, int(how)))
        case "keep":
            await survive(world, lambda: keep(world))
        case "restart":
            await world.restart()
        case _:
            world.kill_next_commit(int(how))


async def many(world: World, callers: int) -> None:
    async def call() -> None:
        try:
            await world.call_xero()
        except (RemoteError, StoreError):
            return

    async with anyio.create_task_group() as group:
        for _ in range(callers):
            group.start_soon(call)


async def keep_settled(world: World) -> None:
    """Rounds until nothing is due: what the loop does in the seconds after a loss."""
    for _ in range(40):
        await survive(world, lambda: keep(world))
        delay_s = world.tokens.delay_s(ACME)
        if delay_s is None or delay_s > 0:
            return


async def survive(world: World, work: Callable[[], Awaitable[object]]) -> None:
    """Do it; a process that dies of it is followed by the next one."""
    try:
        await work()
    except SyncdError:
        return
    except BaseExceptionGroup as group:
        _, other = group.split(Killed)
        if other is not None:
            raise
        await world.restart()
    except Killed:
        await world.restart()


@pytest.mark.parametrize("causes", [["insufficient_scope"], ["token_expired", "token_expired"]])
async def test_look_at_a_refused_role_that_comes_to_nothing_is_taken_again_in_five_minutes(
    causes: Sequence[str], tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        await world.restart()
        world.identity.role_errors += [Unauthorised("refused", cause=cause) for cause in causes]

        delay_s = await keep(world)

        assert delay_s is not None
        assert 290 < delay_s <= connection_rules.ROLE_LOOK_S


async def test_doubt_is_retried_while_the_store_cannot_be_read(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=25)
        world.identity.script = ["lost"]
        await keep(world)
        world.driver.fails_reads = 1

        await keep(world)

        assert world.identity.refreshes == 2
        assert (await connection(world)).generation == 2
