"""A call is on paper before its first byte, and an object has one open write at most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.errors import BREAKER, Conflict, NotSent, Throttled, TooOld
from syncd.domain.model.contact import ContactWrite
from syncd.domain.model.intent_body import ContactIntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Reason
from syncd.domain.rules.queue.outcome import Deferred, Transient
from syncd.domain.rules.text import wording
from syncd.engine.feed import intake
from syncd.engine.writes import write_ahead
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import PreparedCall
from syncd.store import calls, intents
from syncd.store.intents import NewIntent
from tests.engine.support.rounds import Rounds, play
from tests.store.test_intents import create

CALL = PreparedCall(
    operation="put_contacts", method="PUT", target="/Contacts", body=b"{}", elements=1
)


def _intent(rounds: Rounds) -> NewIntent:
    customer = rounds.customer()
    write = ContactWrite(pipeline_id=customer, name="Harbour Build")  # type: ignore[arg-type]  # ids of a test
    return NewIntent(
        kind=ChangeKind.CUSTOMER,
        key=customer,
        element=0,
        step=StepKind.CREATE,
        version=1,
        body=ContactIntentBody(desired=None, write=write),
    )


def test_a_second_write_of_one_object_is_refused_while_the_first_is_open() -> None:
    async def story(rounds: Rounds) -> None:
        context, tenant, one = rounds.context, rounds.tenant, _intent(rounds)
        key = write_ahead.idempotency_key(context, tenant)
        call, (opened,) = await write_ahead.open_call(context, tenant, CALL, [one], key)

        other = write_ahead.idempotency_key(context, tenant)
        with pytest.raises(Conflict):
            await write_ahead.open_call(context, tenant, CALL, [replace(one, version=2)], other)

        (stored,) = await context.store.fetch(intents.of_calls([call.id]))
        assert stored == opened
        (on_paper,) = await context.store.fetch(calls.get([call.id]))
        assert (on_paper.body, on_paper.idempotency_key) == (b"{}", key)

    play(story)


def test_keys_name_installation_and_tenant_and_never_repeat() -> None:
    async def story(rounds: Rounds) -> None:
        keys = [write_ahead.idempotency_key(rounds.context, rounds.tenant) for _ in range(50)]

        assert len(set(keys)) == 50
        assert all(key.startswith("installation-1-acme-") and len(key) <= 128 for key in keys)

    play(story)


def test_what_was_not_sent_comes_back_at_the_pace_its_cause_asks() -> None:
    throttled = Throttled("minute", retry_after_s=12, limit="minute")

    minute, old = wording.in_words(throttled), wording.in_words(TooOld("old"))
    assert write_ahead.outcome_of_failed_send(throttled) == Deferred(retry_after_s=12, why=minute)
    assert write_ahead.outcome_of_failed_send(TooOld("old")) == Deferred(retry_after_s=0, why=old)
    unsent = NotSent("ClientConnectorError", system="xero")
    assert write_ahead.outcome_of_failed_send(unsent) == Transient(why=wording.in_words(unsent))


def test_a_rest_because_xero_fails_is_told_from_a_spent_allowance() -> None:
    resting = Throttled("Xero fails", retry_after_s=240, limit=BREAKER)

    ended = write_ahead.outcome_of_failed_send(resting)

    assert isinstance(ended, Deferred)
    assert ended.reason is Reason.BREAKER_OPEN


@pytest.mark.parametrize("is_overwritten", [True, False])
def test_a_create_says_itself_what_its_version_does_not_say_any_more(is_overwritten: bool) -> None:
    """Pipeline's next version may be taken in between a decision and its call."""

    async def story(rounds: Rounds) -> None:
        context, tenant = rounds.context, rounds.tenant
        invoice = rounds.invoice(rounds.customer(), status="Draft")
        await intake.poll_once(context, tenant)
        one = create(invoice)
        if is_overwritten:
            rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
            await intake.poll_once(context, tenant)

        key = write_ahead.idempotency_key(context, tenant)
        call, (opened,) = await write_ahead.open_call(context, tenant, CALL, [one], key)

        (stored,) = await context.store.fetch(intents.of_calls([call.id]))
        assert opened.body == one.body
        assert stored.body == (one.body if is_overwritten else None)
        carried = await context.store.fetch(intents.versions_carried([stored.id]))
        assert [said.version for _, said in carried] == ([] if is_overwritten else [1])

    play(story)
