"""Tokens survive lost answers, crashes and races, and a dead grant closes the gate."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from syncd.domain.errors import NotSent, RemoteError, ServerTrouble, Throttled, Unauthorised
from syncd.domain.facts import TokenRefreshed
from syncd.domain.model.job import Reason
from syncd.domain.rules.tenant import connection
from syncd.engine.connection import refresh_rounds
from syncd.ports.tokens import Bearer
from syncd.store import tokens as stored
from tests.engine.support.connecting import ACME, World, a_world, all_bytes


def refreshes(world: World) -> list[str]:
    return [fact.outcome for fact in world.told if isinstance(fact, TokenRefreshed)]


async def expire(world: World) -> None:
    world.clock.advance(minutes=31)


async def test_bearer_costs_no_refresh_while_it_lives(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        first = await world.call_xero()
        second = await world.call_xero()

        assert first == second
        assert first.organisation_id == "org-1"
        assert world.identity.refreshes == 0


async def test_ten_callers_of_an_expired_token_share_one_refresh(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        got: list[Bearer] = []

        async def call() -> None:
            got.append(await world.call_xero())

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(call)

        assert world.identity.refreshes == 1
        assert len({bearer.access_token for bearer in got}) == 1
        assert world.identity.sins == []


async def test_ten_callers_after_a_401_share_one_refresh(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        spent = await world.call_xero()
        world.clock.advance(minutes=1)

        async def again() -> None:
            renewed = await world.tokens.renew(ACME, spent)
            assert renewed.generation == spent.generation + 1

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(again)

        assert world.identity.refreshes == 1


async def test_token_xero_refuses_as_soon_as_it_is_issued_is_not_renewed_for_ever(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path, retry_s=5.0) as world:
        await world.connect()
        spent = await world.tokens.bearer(ACME)

        with pytest.raises(Throttled) as caught:
            await world.tokens.renew(ACME, spent)

        assert caught.value.retry_after_s == 5.0
        assert world.identity.refreshes == 0


async def test_callers_of_a_refresh_in_doubt_rest_with_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, retry_s=5.0) as world:
        await world.connect()
        await expire(world)
        world.identity.script = ["lost"]
        with pytest.raises(NotSent):
            await world.call_xero()

        with pytest.raises(Throttled) as caught:
            await world.call_xero()

        assert 0 < caught.value.retry_after_s <= 5
        assert world.identity.refreshes == 1


async def test_living_access_token_is_handed_out_while_a_refresh_is_in_doubt(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        before = await world.call_xero()
        world.identity.script = ["lost"]
        with pytest.raises(NotSent):
            await world.tokens.refresh(ACME)

        during = await world.call_xero()
        await world.tokens.refresh(ACME)
        after = await world.call_xero()

        assert during == before
        assert after.generation == before.generation + 1
        assert world.identity.sins == []


async def test_pair_rotated_by_another_process_is_recognised(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        other = World(
            path=world.path,
            clock=world.clock,
            identity=world.identity,
            chance=world.chance,
            retry_s=0.0,
        )
        await other.start()
        await expire(world)
        ahead = await other.call_xero()

        behind = await world.call_xero()
        await other.driver.close()

        assert behind == ahead
        assert world.identity.refreshes == 1
        assert world.identity.sins == []


async def test_403_of_xero_means_not_connected_with_what_to_do(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        await world.cut_off()

        card = world.connections.card(ACME)
        assert card.status == "Not Connected"
        assert "removed in Xero" in (card.note or "")
        with pytest.raises(Unauthorised) as caught:
            world.tokens.check(ACME)
        assert caught.value.cause == "disconnected"


@pytest.mark.parametrize("list_errors", [[], [ServerTrouble("502")]], ids=["listed", "unlisted"])
async def test_403_that_xeros_list_of_connections_does_not_confirm_costs_no_grant(
    list_errors: list[RemoteError], tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        before = await world.call_xero()
        world.identity.list_errors = list_errors

        assert not await world.tokens.disconnected(ACME, before)

        assert world.connections.is_open(ACME)
        assert await world.call_xero() == before


async def test_one_odd_answer_behind_a_refused_role_costs_no_grant(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.role_errors.append(Unauthorised("403", cause="disconnected"))

        with pytest.raises(Unauthorised):
            await world.tokens.ask_for_role(ACME)

        assert await world.tokens.ask_for_role(ACME)
        assert (await world.call_xero()).generation == 1


async def test_permission_that_xero_finds_again_opens_the_gate_by_itself(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.tokens.permission_missing(ACME, world.in_hand(), "a scope is missing")
        assert world.tokens.delay_s(ACME) is not None

        assert await world.tokens.ask_for_role(ACME)

        assert (await world.call_xero()).generation == 1


async def test_missing_permission_closes_the_gate_and_says_which(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        await world.tokens.permission_missing(
            ACME, world.in_hand(), "accounting.contacts is missing."
        )

        assert world.connections.closed_by(ACME) is Reason.NOT_CONNECTED
        assert "accounting.contacts" in (world.connections.card(ACME).note or "")


async def test_refused_role_keeps_the_grant_and_names_the_role_as_remedy(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        await world.lose_role()

        assert world.connections.closed_by(ACME) is Reason.NOT_CONNECTED
        note = world.connections.card(ACME).note or ""
        assert "Give them back a role" in note
        assert "permission" not in note
        assert world.identity.removed == []


async def test_role_that_is_back_opens_the_gate_by_itself(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.is_role_good = False
        world.woken.clear()

        assert not await world.tokens.ask_for_role(ACME)
        await expire(world)
        assert not await world.tokens.ask_for_role(ACME)
        assert "Give them back a role" in (world.connections.card(ACME).note or "")
        world.identity.is_role_good = True
        assert await world.tokens.ask_for_role(ACME)

        card = world.connections.card(ACME)
        assert (card.status, "role" in (card.note or "")) == ("Connected", False)
        assert world.woken == [ACME]
        assert world.connections.needs_catch_up(ACME)
        await world.call_xero()
        assert world.identity.sins == []


async def test_refused_role_is_looked_at_every_five_minutes_and_after_a_start(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.identity.is_role_good = False

        await world.lose_role()
        delay_s = world.tokens.delay_s(ACME)
        assert delay_s is not None
        assert 290 < delay_s <= connection.ROLE_LOOK_S

        await world.restart()
        assert world.tokens.delay_s(ACME) == 0
        world.identity.is_role_good = True
        await refresh_rounds.refresh_once(world.tokens, ACME)
        assert world.connections.is_open(ACME)


async def test_access_token_that_ends_on_the_way_says_nothing_of_the_role_or_the_grant(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.role_errors.append(Unauthorised("401", cause="token_expired"))

        assert await world.tokens.ask_for_role(ACME)

        assert world.identity.refreshes == 1
        assert world.connections.is_open(ACME)


async def test_dead_grant_of_a_refused_role_is_token_expired(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        await expire(world)
        world.identity.kill_grant()

        with pytest.raises(Unauthorised):
            await world.tokens.ask_for_role(ACME)

        assert world.connections.closed_by(ACME) is Reason.TOKEN_EXPIRED


async def test_no_token_lies_open_in_the_store_or_a_repr(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await expire(world)
        bearer = await world.call_xero()
        rows = await world.store.fetch(stored.get(ACME))

        files = all_bytes(tmp_path)
        shown = f"{bearer!r} {rows!r} {world.told!r} {vars(world.tokens)!r}"

        assert b"canary" not in files
        assert "canary" not in shown


@pytest.mark.parametrize("said", ["disconnected", "permission_missing", "role_refused"])
async def test_answer_to_an_older_pair_says_nothing_of_what_was_granted_since(
    said: str, tmp_path: Path
) -> None:
    """The call was on its way while a person connected anew."""
    async with a_world(tmp_path) as world:
        await world.connect()
        before = world.in_hand()
        await world.connect()

        match said:
            case "disconnected":
                await world.tokens.disconnected(ACME, before)
            case "permission_missing":
                await world.tokens.permission_missing(ACME, before, "a scope is missing")
            case _:
                await world.tokens.role_refused(ACME, before)

        assert world.connections.is_open(ACME)
        assert (await world.call_xero()).generation == before.generation + 1


@pytest.mark.parametrize("said", ["disconnected", "role_refused"])
async def test_answer_that_is_stored_after_another_consent_closes_nothing(
    said: str, tmp_path: Path
) -> None:
    """Another process connects between our look and our commit."""
    async with a_world(tmp_path) as world:
        await world.connect()
        other = World(
            path=world.path,
            clock=world.clock,
            identity=world.identity,
            chance=world.chance,
            retry_s=0.0,
        )
        await other.start()
        await other.connect()

        await (world.cut_off() if said == "disconnected" else world.lose_role())
        await other.driver.close()

        assert world.connections.is_open(ACME)
        assert (await world.call_xero()).generation == 2


async def test_consent_that_ends_while_a_role_is_asked_for_stands(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.while_asked = world.connect

        assert await world.tokens.ask_for_role(ACME)

        assert (await world.call_xero()).generation == 2


@pytest.mark.parametrize("how", ["unsent", "lost"])
async def test_refresh_that_fails_behind_a_refused_role_hides_no_remedy(
    how: str, tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.is_role_good = False
        await expire(world)
        world.identity.script = [how]

        with pytest.raises(NotSent):
            await world.tokens.ask_for_role(ACME)
        during = world.connections.card(ACME).note or ""
        assert not await world.tokens.ask_for_role(ACME)
        after = world.connections.card(ACME).note or ""

        assert "Give them back a role" in during
        assert "Give them back a role" in after


async def test_role_that_xero_calls_good_and_refuses_again_is_said_to_be_so(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        await world.tokens.ask_for_role(ACME)

        await world.lose_role()

        assert "refused again" in (world.connections.card(ACME).note or "")
        delay_s = world.tokens.delay_s(ACME)
        assert delay_s is not None
        assert delay_s > 1.9 * connection.ROLE_LOOK_S
