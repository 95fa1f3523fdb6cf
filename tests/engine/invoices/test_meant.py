"""What a create meant is rebuilt from its call's bytes and the version, as it was decided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import CallId, IntentId, PipelineInvoiceId
from syncd.domain.model.intent_body import InvoiceIntentBody, TieSlack
from syncd.domain.model.invoice import Invoice, InvoiceWrite, StepKind
from syncd.domain.rules.compare import snapshots, translation
from syncd.domain.rules.decide import bases, write_builder
from syncd.engine.invoices import meant
from syncd.engine.invoices.kind import INVOICES
from syncd.engine.invoices.loaded_invoice import body_of
from syncd.engine.writes import open_calls
from syncd.ports.billing import ChangeKind
from syncd.store import intents
from syncd.store.intents import Intent
from syncd.xero import wire, wire_invoices
from tests.domain import builders
from tests.engine.support.deciding import take
from tests.engine.support.rounds import LINE, Rounds, play
from tests.store.build import AT
from tests.xero.support.worlds import TENANT

URL = "https://app.test/invoices/1#syncd=installation-1"
PUT = {"method": "PUT", "path": "/Invoices"}


def decided(invoice: Invoice) -> InvoiceIntentBody:
    """What is meant by creating `invoice`."""
    codes, said = builders.meaning(invoice), snapshots.of_pipeline(invoice)
    return InvoiceIntentBody(
        desired=said,
        expected=translation.expected(invoice, codes, said),
        write=write_builder.create(invoice, codes, URL),
        ties=TieSlack(),
    )


def stored(invoice: Invoice, element: int) -> Intent:
    return Intent(
        id=IntentId(element), kind=ChangeKind.INVOICE, key=invoice.id, call=CallId(1),
        element=element, step=StepKind.CREATE, version=invoice.version, xero_id=None, end=None,
        was_uncertain=False, was_not_unique=False, clean_looks=0, look_at=None, opened_at=AT,
        body=None,
    )  # fmt: skip


def sent(*bodies: InvoiceIntentBody) -> tuple[InvoiceWrite, ...]:
    """The writes that the bytes of one call say."""
    elements = [wire_invoices.encode(body.write) for body in bodies]
    ids = [body.write.pipeline_id for body in bodies]
    return wire_invoices.creates_in(wire.joined("Invoices", elements), ids)


@given(st.lists(builders.invoices(), min_size=1, max_size=3))
def test_create_is_rebuilt_as_it_was_decided(invoices: list[Invoice]) -> None:
    bodies = [decided(invoice) for invoice in invoices]

    for at, (invoice, body, write) in enumerate(zip(invoices, bodies, sent(*bodies), strict=True)):
        one = stored(invoice, at)
        assert meant.rebuilt(one, write, {one.id: invoice}) == body


@given(builders.invoices())
def test_of_one_that_is_closed_the_write_alone_is_known(invoice: Invoice) -> None:
    body = decided(invoice)
    (write,) = sent(body)

    found = meant.rebuilt(stored(invoice, 0), write, {})

    assert (found.desired, found.expected) == (None, None)
    assert (found.write.number, found.write.url) == (invoice.number, URL)


@given(builders.invoices())
def test_agreement_says_what_a_create_meant(invoice: Invoice) -> None:
    """The document it led to is adopted to the same base by either."""
    live = snapshots.of_xero(builders.shown(invoice))
    body = decided(invoice)
    assert body.desired is not None
    assert body.expected is not None
    base = bases.base_after_adoption(desired=body.desired, expected=body.expected, live=live)

    said = meant.as_agreed(invoice.id, base)

    assert said is not None
    assert said.desired is not None
    assert said.expected is not None
    again = bases.base_after_adoption(desired=said.desired, expected=said.expected, live=live)
    assert (again.pipeline, again.xero) == (base.pipeline, base.xero)


@pytest.mark.parametrize("ends", ["overwritten", "withdrawn", "set back", "as it was"])
def test_open_create_is_known_whole_whatever_pipeline_says_since(ends: str) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        both = [rounds.invoice(customer, number, reference="PO 1") for number in ("A", "B")]
        await rounds.turn()
        if ends == "overwritten":
            rounds.user(do="edit_invoice", id=both[0], set={"reference": "PO 2", "lines": [LINE]})
        elif ends == "withdrawn":
            rounds.user(do="delete", id=both[0])
        elif ends == "set back":  # the same version is given out once more
            record = rounds.pipeline.tenants[TENANT].books.records["invoice"][both[0]]
            record.document["version"] = 0
            rounds.user(do="edit_invoice", id=both[0], set={"reference": "PO 2", "lines": [LINE]})
            record.document["updatedAt"] = "2099-01-01T00:00:00.000Z"
        await rounds.turn()

        opened = await rounds.context.store.fetch(intents.open_of_tenant(TENANT))
        calls = await open_calls.load(INVOICES, rounds.context, opened)

        assert [one.body for one in opened] == [None, None]
        for one in opened:
            whole = calls.still(one)
            assert whole is not None
            body = body_of(whole)
            assert body.desired is not None
            assert body.expected is not None
            assert (body.desired.reference, body.write.reference) == ("PO 1", "PO 1")
            assert body.expected.lines[0].account == "200"
            assert body.write.pipeline_id == PipelineInvoiceId(one.key)

    play(story)


def test_create_keeps_what_a_base_said_that_a_person_lets_go() -> None:
    """Voided in Xero, and wanted there again: what was sent first is known beside the second."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="void", invoice="PL-1")
        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2", "reference": "PO 2"})
        await rounds.after(5)

        await take(rounds, invoice, "pipeline")

        calls = [CallId(number) for number in range(1, 9)]
        found = await rounds.context.store.fetch(intents.of_calls(calls))
        first, second = [one for one in found if one.kind is ChangeKind.INVOICE]
        assert isinstance(first.body, InvoiceIntentBody)
        assert first.body.desired is not None
        assert (first.body.desired.reference, second.body) == ("PO 1", None)
        assert rounds.result(invoice)["state"] == "synced"

    play(story)
