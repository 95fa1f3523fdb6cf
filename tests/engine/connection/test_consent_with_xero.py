"""The whole column against the pretend Xero, with the real forms, answers and switches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from syncd.domain.errors import Unauthorised
from syncd.domain.ids import TenantId
from syncd.domain.model.job import Reason
from syncd.engine.connection import refresh_rounds
from syncd.engine.connection.consent_outcome import Connected, ConsentOpened, NotConnected
from syncd.engine.connection.consent_words import ConsentProblem
from syncd.ports.clock import Clock
from syncd.runtime.system_entropy import SystemEntropy
from syncd.sandbox.http import Request
from syncd.xero.oauth import XeroIdentity
from tests.engine.support.connecting import ACME, BETA, World, a_world_with
from tests.xero.support import worlds
from tests.xero.support.worlds import virtually

Story = Callable[[worlds.Connected, World], Awaitable[None]]


@dataclass
class Behind:
    """Our clock, so many seconds behind Xero's."""

    clock: Clock
    by_s: float

    def now(self) -> datetime:
        return self.clock.now() - timedelta(seconds=self.by_s)


def played(
    folder: Path,
    story: Story,
    *,
    scopes: tuple[str, ...] = (),
    behind_s: float = 0.0,
    **switches: Any,
) -> None:
    async def main() -> None:
        xero = await worlds.connect(**switches)
        clock = Behind(xero.clock, behind_s)
        app = replace(xero.app, scopes=scopes) if scopes else xero.app
        identity = XeroIdentity(xero.transport, app=app, clock=clock, entropy=SystemEntropy())
        async with a_world_with(
            folder, identity=identity, clock=clock, chance=SystemEntropy()
        ) as world:
            await story(xero, world)

    virtually(main)


async def consented(
    xero: worlds.Connected, world: World, tenant: TenantId = ACME, *, org: int = 1
) -> Connected | NotConnected:
    """As a browser: the ticket, Xero's page that approves itself, and back."""
    offer = await world.flow.start(tenant, "Ada")
    opened = await world.flow.open(offer.ticket)
    assert isinstance(opened, ConsentOpened)
    asked = urlsplit(opened.url)
    answer = xero.world.handle(
        Request(
            method="GET",
            path=asked.path,
            query={**dict(parse_qsl(asked.query)), "org": str(org)},
            headers={},
            body=b"",
            raw_query=asked.query,
        )
    )
    assert answer.status == 302, answer.body
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    return await world.flow.finish(back, opened.cookie)


def test_consent_connects_to_the_organisation_chosen(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        outcome = await consented(xero, world)

        assert isinstance(outcome, Connected)
        assert outcome.notice is None
        assert world.connections.card(ACME).organisation == outcome.organisation

    played(tmp_path, story)


@pytest.mark.parametrize("keeps", [True, False])
def test_reconnect_finds_its_organisation_whatever_event_xero_keeps(
    keeps: bool, tmp_path: Path
) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        first = await consented(xero, world)
        assert isinstance(first, Connected)
        xero.world.clock.advance(3600)

        second = await consented(xero, world)

        assert isinstance(second, Connected)
        assert second.organisation == first.organisation

    played(tmp_path, story, reauthorise_keeps_event=keeps)


def test_person_who_refuses_is_told_so(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        xero.world.set_switches({"consent": "deny"})

        outcome = await consented(xero, world)

        assert isinstance(outcome, NotConnected)
        assert outcome.problem is ConsentProblem.CONSENT_REFUSED

    played(tmp_path, story)


def test_clock_of_xero_a_day_ahead_breaks_nothing(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        outcome = await consented(xero, world)

        assert isinstance(outcome, Connected)
        assert "about 1440 min behind Xero's" in (outcome.notice or "")
        assert await world.tokens.bearer(ACME)

    played(tmp_path, story, behind_s=86_400.0)


def test_grant_lives_through_a_day_of_rounds_and_restarts(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        await consented(xero, world)
        for hour in range(24):
            for _ in range(12):
                delay_s = await refresh_rounds.refresh_once(world.tokens, ACME)
                assert delay_s is not None
                xero.world.clock.advance(delay_s)
            if hour % 5 == 0:
                await world.restart()
            bearer = await world.tokens.bearer(ACME)
            assert await world.identity.connections(bearer.access_token)

        assert world.connections.is_open(ACME)

    played(tmp_path, story, strict_refresh=True)


def test_revoked_grant_is_token_expired_and_another_consent_heals_it(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        await consented(xero, world)
        row = world.connections.opened(ACME)
        await world.identity.revoke(world.tokens.encryption.refresh(row))
        xero.world.clock.advance(1800)

        with pytest.raises(Unauthorised):
            await world.tokens.bearer(ACME)
        assert world.connections.closed_by(ACME) is Reason.TOKEN_EXPIRED

        assert isinstance(await consented(xero, world), Connected)
        assert world.connections.is_open(ACME)
        assert world.connections.needs_catch_up(ACME)

    played(tmp_path, story)


def test_second_tenant_gets_another_organisation_and_not_the_first(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        await consented(xero, world, ACME)
        taken = await consented(xero, world, BETA)

        assert isinstance(taken, NotConnected)
        assert taken.problem is ConsentProblem.ORGANISATION_TAKEN

    played(tmp_path, story)


def test_disconnect_removes_the_connection_in_xero(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        await consented(xero, world)
        bearer = await world.tokens.bearer(ACME)
        assert await world.identity.connections(bearer.access_token)

        answer = await world.commands.disconnect(ACME, "Ada")

        assert "Connected apps" not in answer.message
        assert await world.identity.connections(bearer.access_token) == ()

    played(tmp_path, story)


def test_missing_write_permission_for_contacts_is_named(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        outcome = await consented(xero, world)

        assert isinstance(outcome, NotConnected)
        assert "create and edit contacts (accounting.contacts)" in outcome.words.text
        assert "only read access" in outcome.words.text

    played(
        tmp_path,
        story,
        scopes=(
            "offline_access",
            "accounting.invoices",
            "accounting.contacts.read",
            "accounting.payments.read",
            "accounting.settings.read",
        ),
    )


def live_connections(xero: worlds.Connected) -> list[str]:
    return [one["tenant_id"] for one in xero.world.dump()["grants"]["connections"] if one["live"]]


def test_grant_without_offline_access_says_so_and_is_given_back(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        before = live_connections(xero)
        xero.world.set_switches({"withheld_scopes": "offline_access"})

        outcome = await consented(xero, world, org=2)

        assert isinstance(outcome, NotConnected)
        assert outcome.problem is ConsentProblem.OFFLINE_MISSING
        assert "offline_access" in outcome.words.text
        assert "was given back" in outcome.words.text
        assert live_connections(xero) == before
        assert not world.connections.is_open(ACME)

    played(tmp_path, story, organisations=2)


def test_grant_of_the_wrong_organisation_is_given_back(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        assert isinstance(await consented(xero, world), Connected)
        before = live_connections(xero)

        outcome = await consented(xero, world, org=2)

        assert isinstance(outcome, NotConnected)
        assert outcome.problem is ConsentProblem.WRONG_ORGANISATION
        assert "Nothing was changed. The access to " in outcome.words.text
        assert live_connections(xero) == before
        assert world.connections.is_open(ACME)

    played(tmp_path, story, organisations=2)


def test_organisation_that_was_connected_before_is_not_cut_off(tmp_path: Path) -> None:
    """Another daemon of the same app may be at work there."""

    async def story(xero: worlds.Connected, world: World) -> None:
        await worlds.consented(xero.world, xero.identity, org=2)
        assert isinstance(await consented(xero, world), Connected)
        before = live_connections(xero)
        xero.world.clock.advance(3600)

        outcome = await consented(xero, world, org=2)

        assert isinstance(outcome, NotConnected)
        assert "given back" not in outcome.words.text
        assert "remove it there under Settings > Connected apps" in outcome.words.text
        assert live_connections(xero) == before

    played(tmp_path, story, organisations=2)


def test_organisation_of_another_tenant_is_not_cut_off(tmp_path: Path) -> None:
    async def story(xero: worlds.Connected, world: World) -> None:
        assert isinstance(await consented(xero, world, ACME), Connected)
        assert isinstance(await consented(xero, world, BETA, org=2), Connected)
        before = live_connections(xero)

        outcome = await consented(xero, world, ACME, org=2)

        assert isinstance(outcome, NotConnected)
        assert live_connections(xero) == before

    played(tmp_path, story, organisations=2)
