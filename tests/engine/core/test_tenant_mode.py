"""Switches hold from their commit on, across restarts, and never against the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from syncd.domain.ids import IncarnationId, TenantId
from syncd.domain.model.brake import BrakeKind, Halt
from syncd.domain.model.job import JobKind
from syncd.domain.model.settings import Mode
from syncd.engine.core import tenant_mode
from syncd.engine.feed import intake
from syncd.engine.loops import worker
from syncd.engine.operator.release_brake import BrakeService
from syncd.engine.recovery import lease_reaper
from syncd.store import brakes, journal, withheld
from tests.engine.support.rounds import LINE, Rounds, play

PUT = {"method": "PUT", "path": "/Invoices"}
WHO = "Ada"


async def _pause(rounds: Rounds) -> None:
    await tenant_mode.set_paused(rounds.context, rounds.tenant, WHO, is_paused=True)


async def _resume(rounds: Rounds) -> None:
    await tenant_mode.set_paused(rounds.context, rounds.tenant, WHO, is_paused=False)


async def _trail(rounds: Rounds) -> list[tuple[str, str]]:
    found = await rounds.context.store.fetch(
        journal.of_object(rounds.tenant, "Tenant", rounds.tenant)
    )
    return [(one.entry.description, one.entry.who) for one in reversed(found)]


async def _restart(rounds: Rounds, **configured: Any) -> None:
    rounds.choose(**configured)
    rounds.context = replace(rounds.context, incarnation=IncarnationId("boot-2"))
    await lease_reaper.start_up(rounds.context)


def test_a_paused_tenant_is_read_and_never_written() -> None:
    async def story(rounds: Rounds) -> None:
        await _pause(rounds)
        first = rounds.invoice(rounds.customer())
        await rounds.after(60)
        assert rounds.books() == []
        assert rounds.calls("PUT Contacts") == 0

        await _resume(rounds)
        await rounds.turn()

        assert rounds.result(first)["state"] == "synced"
        assert [each for each in await _trail(rounds) if each[1] == WHO] == [
            ("Paused", WHO),
            ("Resumed", WHO),
        ]

    play(story)


def test_whoever_lets_go_is_told_what_else_holds_the_tenant() -> None:
    async def story(rounds: Rounds) -> None:
        context, tenant = rounds.context, rounds.tenant
        await _pause(rounds)
        rounds.choose(mode=Mode.OBSERVE, is_mode_stored=True)
        halt = Halt(kind=BrakeKind.VOIDS, text="Too many voids.")
        await context.store.run(brakes.halt(tenant, halt, context.now()))
        (brake,) = await BrakeService(context, wake=lambda _: None).halted()

        live = await tenant_mode.set_mode(context, tenant, Mode.LIVE, WHO)
        released = await BrakeService(context, wake=lambda _: None).release(tenant, brake.seen, WHO)
        resumed = await tenant_mode.set_paused(context, tenant, WHO, is_paused=False)

        assert live.message == (
            "acme is live. Nothing is written yet, for it is paused and a brake has halted it."
        )
        assert released.message == (
            "acme is released: invoices: none. Nothing is written yet, for it is paused."
        )
        assert resumed.message == "acme is resumed: what waited goes on."

    play(story)


def test_a_pause_survives_a_restart() -> None:
    async def story(rounds: Rounds) -> None:
        await _pause(rounds)
        await _restart(rounds)
        rounds.invoice(rounds.customer())
        await rounds.after(60)

        assert rounds.books() == []

    play(story)


def test_a_pause_between_the_look_and_the_write_holds_the_write() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"lines": [LINE | {"quantity": 9}]})
        await intake.poll_once(rounds.context, rounds.tenant)
        rounds.interrupt("invoices_by_id", lambda: _pause(rounds))
        await worker.drain_once(rounds.context, rounds.tenant, is_open=lambda _: True)
        rounds.context = replace(rounds.context, ledger=rounds.xero.ledger)
        assert rounds.calls("POST Invoices") == 0

        await _resume(rounds)
        await rounds.after(10)

        assert rounds.calls("POST Invoices") == 1
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_an_uncertain_write_of_a_paused_tenant_is_looked_for_and_not_repeated() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_before_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        await _pause(rounds)
        await rounds.after(900, step_s=10)
        assert _puts(rounds) == 1
        assert rounds.books() == []

        await _resume(rounds)
        await rounds.after(30)

        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1

    play(story)


def _puts(rounds: Rounds) -> int:
    """Invoices sent by PUT, whether or not they arrived."""
    sent = rounds.xero.transport.sent
    return sum(each.method == "PUT" and "Invoices" in each.url for each in sent)


def test_what_landed_unseen_is_found_while_paused() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        await _pause(rounds)
        await rounds.after(60)

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_mode_the_configuration_leaves_open_is_switched_and_kept() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(is_mode_stored=True)
        await tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.OBSERVE, WHO)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        assert rounds.books() == []

        await tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.LIVE, WHO, "the first apply")
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "synced"
        await _restart(rounds, mode=Mode.OBSERVE)

        assert rounds.context.policies[rounds.tenant].mode is Mode.LIVE
        assert ("Set live: the first apply", WHO) in await _trail(rounds)

    play(story)


def test_tenant_set_live_while_an_invoice_is_decided_leaves_none_behind() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.choose(is_mode_stored=True)
        await tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.OBSERVE, WHO)
        invoice = rounds.invoice(customer)

        rounds.interrupt(
            "settings",
            lambda: tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.LIVE, WHO),
        )
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story, recheck_s=1e7)


def test_a_mode_the_configuration_names_is_not_switched() -> None:
    async def story(rounds: Rounds) -> None:
        before = await _trail(rounds)
        done = await tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.OBSERVE, WHO)

        assert not done.is_done
        assert f"tenants.{rounds.tenant}.mode" in done.message
        assert rounds.context.policies[rounds.tenant].mode is Mode.LIVE
        assert await _trail(rounds) == before

    play(story)


def test_a_mode_the_configuration_names_wins_at_the_next_start() -> None:
    async def story(rounds: Rounds) -> None:
        await _restart(rounds, mode=Mode.OBSERVE)
        assert (await _trail(rounds))[-1] == ("Set to observe: the configuration says so", "syncd")
        await _restart(rounds, is_mode_stored=True)

        assert rounds.context.policies[rounds.tenant].mode is Mode.OBSERVE

    play(story)


def test_a_reload_never_falls_back_to_observing_by_the_way() -> None:
    async def story(rounds: Rounds) -> None:
        standing = {rounds.tenant: rounds.context.policies[rounds.tenant]}
        fresh = {rounds.tenant: replace(standing[rounds.tenant], mode=Mode.OBSERVE)}
        unnamed = {name: replace(one, is_mode_stored=True) for name, one in fresh.items()}

        def mode(found: Mapping[TenantId, Any]) -> Mode:
            return Mode(found[rounds.tenant].mode)

        assert mode(tenant_mode.with_modes_kept(unnamed, standing)) is Mode.LIVE
        assert mode(tenant_mode.with_modes_kept(fresh, standing)) is Mode.OBSERVE

    play(story)


def test_a_started_tenant_stays_live_though_its_file_still_says_observe() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        await lease_reaper.start_up(rounds.context)
        first = rounds.invoice(rounds.customer())
        await rounds.turn()
        assert rounds.result(first)["reasonCode"] == "observing"

        for kind in JobKind:
            keys = [first, *rounds.pipeline.dump()["tenants"][rounds.tenant]["customers"]]
            await rounds.context.store.run(withheld.carried_out(rounds.tenant, kind, keys, "1"))
        await tenant_mode.start(rounds.context, rounds.tenant, WHO, "1", ())
        await rounds.turn()
        assert rounds.result(first)["state"] == "synced"

        await _restart(rounds, mode=Mode.OBSERVE)
        assert rounds.context.policies[rounds.tenant].mode is Mode.LIVE
        assert ("Set live: plan 1 applied", WHO) in await _trail(rounds)

        await _restart(rounds, mode=Mode.LIVE)
        await _restart(rounds, mode=Mode.OBSERVE)
        assert rounds.context.policies[rounds.tenant].mode is Mode.OBSERVE

    play(story)


def test_a_started_tenant_can_be_set_back_to_what_its_file_says() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        await tenant_mode.start(rounds.context, rounds.tenant, WHO, "1", ())
        await tenant_mode.start(rounds.context, rounds.tenant, WHO, "2", ())

        done = await tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.OBSERVE, WHO)
        again = await tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.LIVE, WHO)

        assert done.is_done
        assert not again.is_done
        assert rounds.context.policies[rounds.tenant].mode is Mode.OBSERVE
        assert ("Set live: plan 2 applied", WHO) not in await _trail(rounds)

    play(story)
