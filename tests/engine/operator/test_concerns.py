"""What stands on a tenant's card and only a person can mend is collected from the store."""

from __future__ import annotations

from syncd.domain.facts import ServiceFailed
from syncd.domain.ids import TenantId
from syncd.domain.model.concern import ConcernKind
from syncd.domain.model.settings import Mode
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.operator import concerns
from syncd.store import tenants
from tests.engine.support.operating import Column, desk
from tests.engine.support.rounds import Rounds, play
from tests.store.build import ACME, BETA

PLENTY = BudgetLeft(minute=60, day=None, in_flight=0, parked_until_s=None)


async def kinds(rounds: Rounds, state: ConnectionState = ConnectionState.CONNECTED) -> list[str]:
    seen = await concerns.standing(rounds.context, Column(state=state), lambda _: PLENTY)
    assert not seen.unread
    assert all(one.tenant in (rounds.tenant, None) for one in seen.concerns)
    return [one.kind for one in seen.concerns]


def test_a_tenant_that_works_has_no_concern() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()

        assert await kinds(rounds) == []

    play(story)


async def test_a_tenant_at_which_the_program_fails_hides_no_other_tenants_concerns() -> None:
    def allowance(tenant: TenantId) -> BudgetLeft:
        if tenant == ACME:
            raise ZeroDivisionError(tenant)
        return PLENTY

    async with desk() as served:
        column = Column(state=ConnectionState.TOKEN_EXPIRED)

        seen = await concerns.standing(served.context, column, allowance)

        assert seen.unread == {ACME}
        assert [(one.kind, one.tenant) for one in seen.concerns] == [(ConcernKind.TOKEN, BETA)]
        (told,) = [fact for fact in served.told if isinstance(fact, ServiceFailed)]
        assert told.service == "notify:acme"


def test_a_lost_connection_and_a_pause_are_concerns() -> None:
    async def story(rounds: Rounds) -> None:
        await rounds.turn()
        now = rounds.context.now()
        await rounds.context.store.run(tenants.pause(rounds.tenant, now, "Ada"))

        assert await kinds(rounds, ConnectionState.TOKEN_EXPIRED) == [
            ConcernKind.TOKEN, ConcernKind.PAUSED,
        ]  # fmt: skip

    play(story)


def test_an_invoice_edited_on_both_sides_is_a_concern_until_they_agree() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        rounds.xero.world.bookkeeper(
            {"do": "edit", "invoice": "PL-1", "set": {"Reference": "hers"}}
        )
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
        await rounds.after(60)
        apart = await kinds(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "hers"})
        await rounds.after(60)

        assert apart == [ConcernKind.OUT_OF_SYNC]
        assert await kinds(rounds) == []

    play(story)


def test_what_waits_in_observe_is_a_concern_until_it_is_let_go() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()

        assert await kinds(rounds) == [ConcernKind.PLAN_WAITS]

    play(story)


def test_what_cannot_be_read_of_pipelines_feed_is_a_concern_until_it_is_mended() -> None:
    async def story(rounds: Rounds) -> None:
        odd = rounds.invoice(rounds.customer(), "PL-odd")
        rounds.rewrite(f'"{odd}"', "null")
        await rounds.turn()
        told = await kinds(rounds)
        rounds.pipeline.faults.set([])
        await rounds.after(600, step_s=60)

        assert told == [ConcernKind.FINDINGS]
        assert await kinds(rounds) == []

    play(story)
