"""Disconnect and Refresh Token: idempotent, in the journal, and said in plain words."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from syncd.domain.errors import StoreError, Unauthorised
from syncd.store import journal
from syncd.store import tokens as stored
from tests.engine.support.connecting import ACME, BETA, OTHER_ORG, World, a_world, all_bytes


async def entries(world: World) -> list[tuple[str, str]]:
    entries = await world.store.fetch(journal.of_object(ACME, "Xero connection", ACME))
    return [(one.entry.record_type, one.entry.who) for one in entries]


async def test_disconnect_cuts_the_connection_and_keeps_the_organisation(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        answer = await world.commands.disconnect(ACME, "Ada")

        assert (answer.is_done, answer.status) == (True, "Not Connected")
        assert "Links, queue and history are kept" in answer.message
        assert world.identity.removed == ["connection-org-1"]
        (row,) = await world.store.fetch(stored.get(ACME))
        assert (row.sealed_access, row.sealed_refresh, row.organisation_id) == (None, None, "org-1")
        assert (await entries(world))[0] == ("Delete", "Ada")


async def test_disconnect_twice_is_said_and_asks_xero_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.commands.disconnect(ACME, "Ada")

        answer = await world.commands.disconnect(ACME, "Ada")

        assert answer.is_done
        assert world.identity.removed == ["connection-org-1"]
        assert len(await entries(world)) == 2


async def test_no_bearer_leaves_while_a_disconnect_waits_for_xero(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=31)
        refused: list[str] = []

        async def calls() -> None:
            with pytest.raises(Unauthorised) as caught:
                await world.tokens.bearer(ACME)
            refused.append(caught.value.cause)
            with pytest.raises(Unauthorised):
                world.tokens.check(ACME)

        world.identity.meanwhile = calls

        await world.commands.disconnect(ACME, "Ada")

        assert refused == ["disconnected"]
        assert world.identity.removed == ["connection-org-1"]


async def test_dead_token_says_what_to_remove_in_xero(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=31)
        world.identity.kill_grant()

        answer = await world.commands.disconnect(ACME, "Ada")

        assert answer.status == "Not Connected"
        assert "Remove this app in Xero under Settings > Connected apps" in answer.message


async def test_expired_tenant_can_be_disconnected(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.clock.advance(minutes=31)
        world.identity.kill_grant()
        with pytest.raises(Unauthorised):
            await world.tokens.bearer(ACME)

        answer = await world.commands.disconnect(ACME, "Ada")

        assert (answer.is_done, answer.status) == (True, "Not Connected")
        assert "Connected apps" in answer.message


async def test_xero_that_does_not_answer_does_not_keep_us_connected(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.identity.cuts = ["unreached"]

        answer = await world.commands.disconnect(ACME, "Ada")

        assert answer.status == "Not Connected"
        assert "Connected apps" in answer.message


async def test_grant_is_revoked_only_when_it_leads_to_no_organisation(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect(ACME)
        world.identity.event = "event-2"
        await world.connect(BETA, OTHER_ORG)

        await world.commands.disconnect(ACME, "Ada")
        assert world.identity.revoked == []
        await world.commands.disconnect(BETA, "Ada")

        assert len(world.identity.revoked) == 1


async def test_disconnect_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.fails_commit = [StoreError("disk")]

        with pytest.raises(StoreError):
            await world.commands.disconnect(ACME, "Ada")

        assert world.connections.is_open(ACME)


async def test_disconnect_leaves_no_token_behind(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.tokens.bearer(ACME)

        answer = await world.commands.disconnect(ACME, "Ada")

        shown = (
            f"{answer!r} {vars(world.tokens)!r} {vars(world.tokens.encryption)!r} {world.told!r}"
        )
        assert "canary" not in shown
        assert b"canary" not in all_bytes(tmp_path)


async def test_refresh_token_renews_now_and_is_in_the_trail(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        answer = await world.commands.refresh(ACME, "Ada")

        assert (answer.is_done, answer.message) == (True, "The connection was renewed.")
        assert world.identity.refreshes == 1
        assert (await entries(world))[0] == ("Edit", "Ada")


async def test_button_pressed_five_times_at_once_is_one_refresh(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(world.commands.refresh, ACME, "Ada")

        assert world.identity.refreshes == 1


async def test_refresh_that_fails_says_whether_anything_needs_to_be_done(tmp_path: Path) -> None:
    async with a_world(tmp_path, retry_s=5.0) as world:
        nothing = await world.commands.refresh(ACME, "Ada")
        await world.connect()
        world.identity.script = ["lost"]
        lost = await world.commands.refresh(ACME, "Ada")
        row = world.connections.row(ACME)
        pressed_again = await world.commands.refresh(ACME, "Ada")
        world.identity.kill_grant()
        dead = await world.commands.refresh(ACME, "Ada")

        assert "Press Connect to Xero" in nothing.message
        assert (lost.is_done, lost.status) == (False, "Connected")
        assert "tried again by itself" in lost.message
        assert row is not None
        assert row.note is not None
        assert row.note.endswith("did not answer, or its answer was lost.")
        assert pressed_again.is_done
        assert (dead.is_done, dead.status) == (False, "TOKEN_EXPIRED")


async def test_refresh_asks_whether_a_refused_role_is_back(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.is_role_good = False

        before = await world.commands.refresh(ACME, "Ada")
        world.identity.is_role_good = True
        after = await world.commands.refresh(ACME, "Ada")

        assert (before.is_done, after.is_done) == (False, True)
        assert "Give them back a role" in before.message
        assert after.status == "Connected"


async def test_disconnect_behind_a_refused_role_cuts_the_connection_all_the_same(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()

        answer = await world.commands.disconnect(ACME, "Ada")

        assert answer.is_done
        assert world.identity.removed == ["connection-org-1"]
        assert world.tokens.delay_s(ACME) is None


async def test_question_about_a_role_that_xero_did_not_answer_is_no_dead_grant(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.role_errors.append(Unauthorised("403", cause="insufficient_scope"))

        answer = await world.commands.refresh(ACME, "Ada")

        assert not answer.is_done
        assert answer.message.startswith("Xero did not say whether it permits writing again.")
        assert answer.status == "Not Connected"


async def test_disconnect_cuts_what_is_connected_while_it_waits_for_xero(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        before = world.in_hand()
        world.identity.while_cutting = world.connect

        answer = await world.commands.disconnect(ACME, "Ada")

        assert world.in_hand().generation == before.generation + 2
        assert (answer.is_done, answer.status) == (True, "Not Connected")
        assert world.identity.removed == ["connection-org-1"] * 2
        assert len(world.identity.revoked) == 1


async def test_question_about_a_role_says_that_the_connection_was_removed(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.lose_role()
        world.identity.role_errors.append(Unauthorised("403", cause="disconnected"))
        world.identity.listed.clear()

        answer = await world.commands.refresh(ACME, "Ada")

        assert not answer.is_done
        assert answer.message.startswith("The connection was removed in Xero")
        assert world.connections.card(ACME).note == answer.message
        assert world.in_hand().generation == 2
        assert world.tokens.delay_s(ACME) is None


async def test_refresh_of_what_was_removed_in_xero_meanwhile_says_so(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        world.identity.meanwhile = world.cut_off

        answer = await world.commands.refresh(ACME, "Ada")

        assert (answer.is_done, answer.status) == (False, "Not Connected")
        assert answer.message == world.connections.card(ACME).note
        assert answer.message.startswith("The connection was removed in Xero")
