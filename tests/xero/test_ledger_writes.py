"""What is written to the pretend Xero is applied, refused or unclear, element by element."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from syncd.domain.errors import OutcomeUnknown, Refused, Throttled
from syncd.domain.ids import IdempotencyKey, PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import ContactWrite
from syncd.domain.model.invoice import InvoiceWrite, LineWrite
from syncd.ports.ledger import ElementApplied, ElementRefused, ElementUnclear
from syncd.xero.ledger_writes import MOST_BODY_BYTES
from tests.xero.support import invoices
from tests.xero.support.worlds import TENANT, Connected, Lane, created, played


def test_update_keeps_lines_by_their_ids() -> None:
    async def world(xero: Connected) -> None:
        first = await created(xero)
        kept = first.lines[0]
        line = LineWrite(
            description="Install, changed",
            quantity=kept.quantity,
            unit_amount=kept.unit_amount,
            line_item_id=kept.line_item_id,
            account_code=kept.account_code,
            tax_type=kept.tax_type,
        )
        more = LineWrite(
            description="More",
            quantity=Decimal(1),
            unit_amount=Decimal(10),
            account_code="200",
            tax_type="OUTPUT2",
        )

        (answer,) = await xero.write(invoices.change(xero_id=first.id, lines=(line, more)))

        assert isinstance(answer, ElementApplied)
        by_text = {one.description: one for one in answer.live.lines}
        assert set(by_text) == {"Install, changed", "More"}
        assert by_text["Install, changed"].line_item_id == kept.line_item_id
        assert xero.transport.sent[-1].method == "POST"

    played(world)


def test_update_without_lines_leaves_them_alone() -> None:
    async def world(xero: Connected) -> None:
        first = await created(xero)

        (answer,) = await xero.write(invoices.change(xero_id=first.id, reference="moved"))

        assert isinstance(answer, ElementApplied)
        assert (answer.live.reference, answer.live.lines) == ("moved", first.lines)

    played(world)


def test_batch_with_one_bad_element_says_which() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        await created(xero, "B", contact_id=contact)

        answers = await xero.write(
            *(invoices.create(number, contact_id=contact) for number in ("A", "B", "C"))
        )

        kinds = [type(answer) for answer in answers]
        assert kinds == [ElementApplied, ElementRefused, ElementApplied]
        assert answers[1] == ElementRefused(messages=("Invoice # must be unique.",))

    played(world)


def test_same_bytes_with_the_same_key_are_applied_once() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        write = invoices.create(contact_id=contact)
        xero.world.faults.set([{"do": "drop_after_commit", "match": {"method": "PUT"}}])
        with pytest.raises(OutcomeUnknown):
            await xero.write(write, key="k-1")

        (answer,) = await xero.write(write, key="k-1")

        assert isinstance(answer, ElementApplied)
        assert len(await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WRITE)) == 1

    played(world)


@pytest.mark.parametrize(
    "fault", ["drop_before_commit", "drop_after_commit", "error_after_commit", "truncated", "html"]
)
def test_lost_answer_of_a_write_is_an_unknown_outcome(fault: str) -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        xero.world.faults.set([{"do": fault, "match": {"method": "PUT"}}])

        with pytest.raises(OutcomeUnknown):
            await xero.write(invoices.create(contact_id=contact))

    played(world)


def test_half_committed_batch_is_an_unknown_outcome() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        xero.world.faults.set([{"do": "partial_commit", "match": {"method": "PUT"}}])

        with pytest.raises(OutcomeUnknown):
            await xero.write(*(invoices.create(n, contact_id=contact) for n in "AB"))

        found = await xero.ledger.invoices_by_number(TENANT, ["A", "B"], lane=Lane.WRITE)
        assert [one.number for one in found] == ["A"]

    played(world)


def test_limit_met_by_a_write_is_throttled_and_nothing_is_written() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        xero.world.faults.set([{"do": "throttle", "problem": "minute", "retry_after": 7}])

        with pytest.raises(Throttled) as caught:
            await xero.write(invoices.create(contact_id=contact))

        assert caught.value.retry_after_s == 7
        assert xero.world.counters()["writes"] == 1

    played(world)


def test_request_refused_as_a_whole_names_a_single_culprit() -> None:
    """One element alone: its objections are the answer. Several: the caller halves the batch."""

    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        bad = replace(
            invoices.create("A", contact_id=contact), contact_id=XeroContactId(invoices.GUID)
        )
        (alone,) = xero.ledger.prepare_invoices([bad])
        (both,) = xero.ledger.prepare_invoices([bad, invoices.create("B", contact_id=contact)])
        strict = "/Invoices?summarizeErrors=true&unitdp=4"

        (answer,) = await xero.ledger.send_invoices(
            TENANT,
            replace(alone, target=strict),
            [bad],
            idempotency_key=xero.key(),
            not_after=None,
        )
        with pytest.raises(Refused) as caught:
            await xero.ledger.send_invoices(
                TENANT,
                replace(both, target=strict),
                [bad, invoices.create("B")],
                idempotency_key=xero.key(),
                not_after=None,
            )

        assert isinstance(answer, ElementRefused)
        assert caught.value.status == 400

    played(world)


def test_batches_keep_below_fifty_elements_and_three_megabytes() -> None:
    async def world(xero: Connected) -> None:
        many = [invoices.create(f"{n}") for n in range(120)]
        long = LineWrite(description="x" * 4000, quantity=Decimal(1), unit_amount=Decimal(1))
        heavy = [invoices.create(f"{n}", lines=(long,) * 150) for n in range(12)]

        counted = xero.ledger.prepare_invoices(many)
        weighed = xero.ledger.prepare_invoices(heavy)

        assert [call.elements for call in counted] == [50, 50, 20]
        assert sum(call.elements for call in weighed) == 12
        assert len(weighed) > 1
        assert max(len(call.body) for call in weighed) <= MOST_BODY_BYTES
        assert {(call.method, call.target) for call in counted} == {
            ("PUT", "/Invoices?summarizeErrors=false&unitdp=4")
        }
        assert xero.ledger.prepare_invoices([]) == ()

    played(world)


def test_prepared_bytes_are_the_ones_that_leave() -> None:
    async def world(xero: Connected) -> None:
        write = invoices.create(contact_id=await xero.contact())
        (call,) = xero.ledger.prepare_invoices([write])

        await xero.ledger.send_invoices(
            TENANT, call, [write], idempotency_key=IdempotencyKey("k"), not_after=None
        )

        assert xero.transport.sent[-1].body == call.body
        assert xero.transport.sent[-1].headers["Idempotency-Key"] == "k"
        assert "Install" not in repr(call)

    played(world)


def test_contact_whose_name_is_taken_is_refused_in_xeros_words() -> None:
    async def world(xero: Connected) -> None:
        await xero.contact("Acme Ltd", "cust-1")

        (answer,) = await xero.write_contacts(
            ContactWrite(pipeline_id=PipelineCustomerId("cust-2"), number="cust-2", name="acme ltd")
        )

        assert isinstance(answer, ElementRefused)
        assert "already assigned" in answer.messages[0]

    played(world)


def test_answer_about_something_else_is_unclear() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        sent = invoices.create("A", contact_id=contact)
        (call,) = xero.ledger.prepare_invoices([sent])
        believed: list[InvoiceWrite] = [invoices.create("B", contact_id=contact)]

        (answer,) = await xero.ledger.send_invoices(
            TENANT, call, believed, idempotency_key=xero.key(), not_after=None
        )

        assert isinstance(answer, ElementUnclear)

    played(world)
