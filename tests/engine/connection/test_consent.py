"""Consent connects one tenant to one organisation, or says why not and keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.domain.errors import (
    Conflict,
    NotSent,
    OutcomeUnknown,
    Refused,
    RemoteError,
    StoreError,
    StoreFull,
)
from syncd.domain.facts import ConnectionChanged, ConsentFailed
from syncd.domain.ids import TenantId
from syncd.domain.model.brake import BrakeKind, Halt
from syncd.engine.connection import refresh_rounds
from syncd.engine.connection.consent_outcome import Connected, ConsentOpened, NotConnected
from syncd.engine.connection.consent_words import ConsentProblem
from syncd.store import brakes, catch_ups, journal
from syncd.store import tokens as stored
from tests.engine.support.connecting import (
    ACME,
    AT,
    BETA,
    ORG,
    OTHER_ORG,
    World,
    a_world,
    all_bytes,
    listed,
)


async def set_out(world: World, tenant: TenantId = ACME) -> ConsentOpened:
    offer = await world.flow.start(tenant, "Ada")
    opened = await world.flow.open(offer.ticket)
    assert isinstance(opened, ConsentOpened)
    return opened


async def come_back(world: World, opened: ConsentOpened, **query: str) -> Connected | NotConnected:
    answer = {"state": opened.cookie, **(query or {"code": "good"})}
    return await world.flow.finish(answer, opened.cookie)


async def failed(world: World, tenant: TenantId = ACME, **query: str) -> NotConnected:
    outcome = await come_back(world, await set_out(world, tenant), **query)
    assert isinstance(outcome, NotConnected), outcome
    return outcome


async def test_consent_connects_with_organisation_date_and_trail(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()

        card = world.connections.card(ACME)
        assert (card.status, card.organisation, card.connected_at) == ("Connected", "org-1 Ltd", AT)
        assert world.woken == [ACME]
        assert world.told[-1] == ConnectionChanged(
            tenant=ACME, state="Connected", organisation="org-1 Ltd", cause="consent_granted"
        )
        (written,) = await world.store.fetch(journal.of_object(ACME, "Xero connection", ACME))
        assert (written.entry.record_type, written.entry.who) == ("Create", "Ada")


async def test_code_is_exchanged_with_the_verifier_of_its_own_state(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        first, second = await set_out(world), await set_out(world)

        await come_back(world, first)

        assert world.identity.exchanged == [("good", first.cookie.replace("state", "verifier"))]
        assert first.cookie != second.cookie


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"error": "access_denied"}, ConsentProblem.CONSENT_REFUSED),
        ({"error": "invalid_scope"}, ConsentProblem.SCOPE_NOT_ALLOWED),
        ({"error": "unauthorized_client"}, ConsentProblem.SCOPE_NOT_ALLOWED),
        ({"error": "connection_limit"}, ConsentProblem.APP_LIMIT),
        ({"error": "server_error"}, ConsentProblem.XERO_ERROR),
        ({"code": ""}, ConsentProblem.CODE_MISSING),
        ({"code": "old"}, ConsentProblem.CODE_EXPIRED),
    ],
)
async def test_each_answer_of_xero_has_its_own_words(
    query: dict[str, str], problem: ConsentProblem, tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        outcome = await failed(world, **query)

        assert outcome.problem is problem
        assert world.told == [ConsentFailed(tenant=ACME, problem=problem)]
        assert await world.store.fetch(stored.everyone()) == ()


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (NotSent("no route"), ConsentProblem.IDENTITY_UNREACHABLE),
        (OutcomeUnknown("timed out"), ConsentProblem.IDENTITY_UNREACHABLE),
        (RemoteError("invalid_client"), ConsentProblem.APP_REFUSED),
        (Refused("invalid_request", status=400), ConsentProblem.APP_REFUSED),
    ],
)
async def test_exchange_that_fails_says_whose_trouble_it_is(
    error: RemoteError, problem: ConsentProblem, tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        world.identity.exchange_error = error

        assert (await failed(world)).problem is problem


async def test_state_is_good_once_and_for_ten_minutes(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        opened, late = await set_out(world), await set_out(world)
        assert isinstance(await come_back(world, opened), Connected)

        again = await come_back(world, opened)
        world.clock.advance(minutes=10)
        too_late = await come_back(world, late)

        for outcome in (again, too_late):
            assert isinstance(outcome, NotConnected)
            assert outcome.problem is ConsentProblem.STATE_SPENT
        assert len(world.identity.exchanged) == 1


async def test_state_of_another_browser_is_refused_and_not_used_up(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        opened = await set_out(world)
        query = {"state": opened.cookie, "code": "good"}

        stolen = await world.flow.finish(query, "cookie of another browser")
        blocked = await world.flow.finish(query, None)
        own = await world.flow.finish(query, opened.cookie)

        assert isinstance(stolen, NotConnected)
        assert stolen.problem is ConsentProblem.STATE_MISMATCH
        assert isinstance(blocked, NotConnected)
        assert blocked.problem is ConsentProblem.COOKIE_MISSING
        assert isinstance(own, Connected)


async def test_forged_state_is_refused_without_a_trace(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        outcome = await world.flow.finish(
            {"state": "canary-forged", "code": "good"}, "canary-forged"
        )

        assert isinstance(outcome, NotConnected)
        assert world.told == []
        assert world.identity.exchanged == []
        assert b"canary" not in all_bytes(tmp_path)
        assert "canary" not in repr(outcome)


async def test_ticket_is_good_for_one_consent_and_for_ten_minutes(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        used, late = [await world.flow.start(ACME, "Ada") for _ in range(2)]
        opened = await world.flow.open(used.ticket)
        assert isinstance(opened, ConsentOpened)
        await come_back(world, opened)
        again = await world.flow.open(used.ticket)
        assert isinstance(again, NotConnected)
        world.clock.advance(minutes=10)

        for ticket in (used.ticket, late.ticket, "forged", ""):
            outcome = await world.flow.open(ticket)
            assert isinstance(outcome, NotConnected)
            assert outcome.problem is ConsentProblem.TICKET_SPENT


async def test_link_leads_to_one_consent_however_often_it_is_followed(tmp_path: Path) -> None:
    """A preview follows it before the person does, a scanner after; both are led the same way."""
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        offer = await world.flow.start(ACME, "Ada")
        ways = [await world.flow.open(offer.ticket) for _ in range(3)]

        assert ways[0] == ways[1] == ways[2]
        assert isinstance(ways[1], ConsentOpened)
        assert isinstance(await come_back(world, ways[1]), Connected)


async def test_way_through_xero_may_take_ten_minutes_of_its_own(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        offer = await world.flow.start(ACME, "Ada")
        world.clock.advance(minutes=9)
        opened = await world.flow.open(offer.ticket)
        assert isinstance(opened, ConsentOpened)
        world.clock.advance(minutes=9)

        assert isinstance(await come_back(world, opened), Connected)


async def test_tickets_states_and_verifiers_lie_open_nowhere(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        offer = await world.flow.start(ACME, "Ada")
        opened = await world.flow.open(offer.ticket)
        assert isinstance(opened, ConsentOpened)

        content, shown = all_bytes(tmp_path), f"{offer!r} {opened!r} {world.told!r}"

        for secret in (offer.ticket, opened.cookie, opened.cookie.replace("state", "verifier")):
            assert secret.encode() not in content
            assert secret not in shown


@pytest.mark.parametrize(
    ("granted", "named"),
    [
        (["offline_access", "accounting.invoices"], "create and edit contacts"),
        (
            ["offline_access", "accounting.invoices", "accounting.contacts.read"],
            "only read access was granted, write access is needed",
        ),
        (["accounting.contacts"], "create and edit invoices (accounting.invoices)"),
    ],
)
async def test_permission_that_is_missing_is_named(
    granted: Sequence[str], named: str, tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        world.identity.granted = ("offline_access", *granted)

        outcome = await failed(world)

        assert outcome.problem is ConsentProblem.PERMISSION_MISSING
        assert named in outcome.words.text
        assert await world.store.fetch(stored.everyone()) == ()


async def test_no_organisation_is_said(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        assert (await failed(world)).problem is ConsentProblem.NO_ORGANISATION


async def test_several_organisations_of_one_consent_are_named(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed += [listed(ORG), listed(OTHER_ORG)]

        outcome = await failed(world)

        assert outcome.problem is ConsentProblem.SEVERAL_ORGANISATIONS
        assert "org-1 Ltd and org-2 Ltd" in outcome.words.text


async def test_organisation_of_this_consent_is_told_from_all_earlier_ones(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        newer = AT + timedelta(days=1)
        world.identity.listed += [listed(OTHER_ORG, event="event-0", at=newer), listed(ORG)]

        await come_back(world, await set_out(world))

        assert world.connections.card(ACME).organisation_id == ORG


async def test_other_organisation_than_the_pinned_one_is_refused_by_name(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        await world.cut_off()
        world.identity.listed = [listed(OTHER_ORG)]

        outcome = await failed(world)

        assert outcome.problem is ConsentProblem.WRONG_ORGANISATION
        assert "You chose org-2 Ltd, but this account belongs to org-1 Ltd" in outcome.words.text
        assert world.connections.card(ACME).organisation_id == ORG


async def test_organisation_serves_one_tenant(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect(ACME)

        outcome = await failed(world, BETA)

        assert outcome.problem is ConsentProblem.ORGANISATION_TAKEN
        assert "acme" not in outcome.words.text.lower()
        assert world.connections.state(BETA) == "Not Connected"


async def test_organisation_of_an_expired_tenant_is_still_its_own(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect(ACME)
        await world.store.run(stored.expired(ACME, 1, "dead"))
        await world.connections.moved(ACME, cause="token_expired")

        assert (await failed(world, BETA)).problem is ConsentProblem.ORGANISATION_TAKEN


@pytest.mark.parametrize(
    ("tenant", "organisation", "problem", "given_back"),
    [
        (ACME, OTHER_ORG, ConsentProblem.WRONG_ORGANISATION, ["connection-org-2"]),
        (BETA, ORG, ConsentProblem.ORGANISATION_TAKEN, []),
    ],
)
async def test_faster_consent_wins_in_the_store(
    tenant: TenantId,
    organisation: str,
    problem: ConsentProblem,
    given_back: Sequence[str],
    tmp_path: Path,
) -> None:
    """Another process connects between our look and our commit; what it uses is left alone."""
    async with a_world(tmp_path) as world:
        other = World(
            path=world.path,
            clock=world.clock,
            identity=world.identity,
            chance=world.chance,
            retry_s=0.0,
        )
        await other.start()
        await world.connect(ACME)
        other.identity.listed = [listed(organisation)]

        outcome = await failed(other, tenant)
        await other.driver.close()

        assert outcome.problem is problem
        assert world.identity.removed == given_back


async def test_grant_that_the_disk_would_not_take_is_given_back(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        opened = await set_out(world)
        world.fails_commit = [None, StoreFull("no disk")]

        with pytest.raises(StoreFull):
            await come_back(world, opened)

        assert world.identity.removed == ["connection-org-1"]
        assert await world.store.fetch(stored.everyone()) == ()


async def test_grant_that_was_stored_and_could_not_be_read_is_kept(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        opened = await set_out(world)

        async def away() -> None:
            world.driver.fails_reads = 1

        world.identity.while_listing = away
        with pytest.raises(StoreError):
            await come_back(world, opened)

        assert world.identity.removed == []
        assert not world.connections.is_open(ACME)
        await refresh_rounds.refresh_once(world.tokens, ACME)
        assert world.connections.is_open(ACME)
        assert world.woken == [ACME]


async def test_store_that_fails_leaves_nothing_half_connected(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        opened = await set_out(world)
        world.fails_commit = [None, Conflict("taken")]

        outcome = await come_back(world, opened)

        assert isinstance(outcome, NotConnected)
        assert await world.store.fetch(stored.everyone()) == ()
        assert not world.connections.is_open(ACME)


async def test_reconnect_keeps_the_organisation_and_asks_for_a_look_before_the_first_write(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        assert not world.connections.needs_catch_up(ACME)
        await world.cut_off()

        await world.connect()
        await world.restart()

        assert world.connections.is_open(ACME)
        assert world.connections.needs_catch_up(ACME)
        (known,) = await world.store.fetch(catch_ups.get(ACME))
        await world.store.run(catch_ups.end(ACME, known))
        await world.connections.caught_up(ACME)
        assert not world.connections.needs_catch_up(ACME)
        await world.restart()
        assert not world.connections.needs_catch_up(ACME)


@pytest.mark.parametrize(("minutes", "way"), [(61, "behind"), (-61, "ahead of")])
async def test_wrong_clock_is_told_and_breaks_nothing(
    minutes: int, way: str, tmp_path: Path
) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        world.identity.skew = timedelta(minutes=minutes)

        outcome = await come_back(world, await set_out(world))

        assert isinstance(outcome, Connected)
        assert f"clock is about 61 min {way} Xero's" in (outcome.notice or "")
        await world.call_xero()


async def test_success_says_that_a_brake_has_halted_the_tenant(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed())
        halt = Halt(kind=BrakeKind.VOIDS, text="30 invoices would be voided.")
        await world.store.run(brakes.halt(ACME, halt, AT))

        outcome = await come_back(world, await set_out(world))

        assert isinstance(outcome, Connected)
        assert "A brake has halted this account" in outcome.words.next_step
