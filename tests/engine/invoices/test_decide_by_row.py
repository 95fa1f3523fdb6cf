"""The table of the design, row by row: a story that leads into each, and where it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from syncd.domain.errors import RemoteError
from syncd.domain.model.job import Job, JobKind
from syncd.domain.rules.decide.situation import Verdict
from syncd.engine.core import organisation_settings
from syncd.engine.invoices import batch, loaded_invoice
from syncd.engine.invoices import decide as invoice_decide
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.invoices.loaded_invoice import RemoteRead
from syncd.ports.billing import ChangeKind
from syncd.store import jobs, links, retention
from syncd.store.unit_of_work import Transaction
from tests.engine.support.deciding import Shown, order, shown, take
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds

PUT = {"method": "PUT", "path": "/Invoices"}
POST = {"method": "POST", "path": "/Invoices"}
GET = {"method": "GET", "path": "/Invoices"}
UNCERTAIN = 0
Story = Callable[[Rounds], Awaitable[str]]


async def row_now(rounds: Rounds, invoice: str) -> tuple[int, Verdict | None]:
    """The row a round would find now, and its verdict; nothing follows from asking."""
    context, tenant = rounds.context, rounds.tenant
    (at,) = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, [invoice]))
    job = Job(
        tenant=tenant,
        kind=at.kind,
        key=at.key,
        attempt=at.attempt,
        first_wanted_at=at.first_wanted_at,
    )
    (loaded,) = await loaded_invoice.load(context, tenant, [job])
    if loaded.open_intent is not None:
        return UNCERTAIN, None
    round_settings = RoundSettings(
        policy=context.policies[tenant],
        settings=await organisation_settings.current(context, tenant),
        installation=context.installation,
    )
    try:
        (remote,) = await batch.look(context, tenant, [loaded])
    except RemoteError:
        remote = RemoteRead()
    _, verdict = invoice_decide.examine(loaded, remote, round_settings)
    return verdict.row, verdict


async def heard(rounds: Rounds) -> None:
    """Pipeline's news is on paper, and nothing is done about it yet."""
    await rounds._poll()


async def known(rounds: Rounds) -> str:
    """A customer with a contact, and an invoice that both sides show the same."""
    invoice = rounds.invoice(rounds.customer(), reference="PO")
    await rounds.turn()
    return invoice


async def open_write(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.fault(match=POST, do="drop_after_commit", times=1)
    rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
    await rounds.turn()
    rounds.user(do="delete", id=invoice)
    await heard(rounds)
    return invoice


async def unread(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.fault(match=GET, do="error_before", times=3)
    rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
    await heard(rounds)
    return invoice


async def never_sent(rounds: Rounds) -> str:
    invoice = rounds.invoice(rounds.customer(), status="Draft")
    await rounds.turn()
    rounds.user(do="delete", id=invoice)
    await heard(rounds)
    return invoice


async def gone_on_both(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.xero.do(do="void", invoice="PL-1")
    rounds.user(do="delete", id=invoice)
    await heard(rounds)
    return invoice


async def deleted_and_edited(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"})
    rounds.user(do="delete", id=invoice)
    await heard(rounds)
    return invoice


async def deleted(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.user(do="delete", id=invoice)
    await heard(rounds)
    return invoice


async def unrecognised(rounds: Rounds) -> str:
    """As after a restore: the document is ours, what was agreed is lost, and they differ."""
    invoice = await known(rounds)
    rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"})
    await forget_base(rounds, invoice)
    return invoice


async def taken_by_ours(rounds: Rounds) -> str:
    customer = rounds.customer()
    first = rounds.invoice(customer)
    await rounds.turn()
    rounds.user(do="delete", id=first)
    await rounds.turn()
    second = rounds.invoice(customer)
    await rounds.turn()
    return second


async def taken_by_a_stranger(rounds: Rounds) -> str:
    customer = rounds.customer()
    await rounds.turn()
    line = {"Description": "x", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}
    rounds.xero.do(
        do="create_invoice",
        contact="Harbour Build",
        set={"InvoiceNumber": "PL-1", "LineItems": [line]},
    )
    invoice = rounds.invoice(customer)
    await rounds.turn()
    return invoice


async def new(rounds: Rounds) -> str:
    customer = rounds.customer()
    await rounds.turn()
    invoice = rounds.invoice(customer)
    await heard(rounds)
    return invoice


async def vanished(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.xero.do(do="void", invoice="PL-1")
    rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
    await heard(rounds)
    return invoice


async def converged(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "both"})
    rounds.user(do="edit_invoice", id=invoice, set={"reference": "both"})
    await heard(rounds)
    return invoice


async def edited_here(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
    await heard(rounds)
    return invoice


async def edited_there(rounds: Rounds) -> str:
    invoice = await known(rounds)
    rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"})
    await look(rounds, invoice)
    return invoice


async def edited_on_both(rounds: Rounds) -> str:
    invoice = await edited_there(rounds)
    rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
    await heard(rounds)
    return invoice


async def look(rounds: Rounds, invoice: str) -> None:
    """What a webhook would say."""
    now = rounds.context.now()
    wish = jobs.JobRequest(
        tenant=rounds.tenant, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=now
    )
    await rounds.context.store.run(jobs.enqueue([wish], now))


async def forget_base(rounds: Rounds, invoice: str) -> None:
    """The link stays, what was agreed and what was sent does not."""
    store = rounds.context.store
    (link,) = await store.fetch(links.invoices(rounds.tenant, [invoice]))
    await worlds.passes(10)
    now = rounds.context.now()
    later = Transaction()
    later.add(links.put_invoices(rounds.tenant, [replace(link, based_at=now)]))
    later.add(retention.forget_intents(0, 1_000_000, now))
    later.add(links.put_invoices(rounds.tenant, [replace(link, base=None, based_at=None)]))
    await store.commit(later)
    await look(rounds, invoice)


@dataclass(frozen=True, kw_only=True)
class Path:
    """Into a row, and where it ends by itself: state, reason, and what stands in Xero."""

    row: int
    story: Story
    state: str
    reason: str | None = None
    xero: tuple[str, ...] = ("AUTHORISED",)

    def __str__(self) -> str:
        return f"{self.row}-{self.story.__name__}"


PATHS = (
    Path(row=0, story=open_write, state="voided", xero=("VOIDED",)),
    Path(row=1, story=unread, state="synced"),
    Path(row=2, story=never_sent, state="voided", xero=()),
    Path(row=3, story=gone_on_both, state="voided", xero=("VOIDED",)),
    Path(row=4, story=deleted_and_edited, state="out_of_sync"),
    Path(row=5, story=deleted, state="voided", xero=("VOIDED",)),
    Path(row=6, story=unrecognised, state="out_of_sync"),
    Path(row=7, story=taken_by_ours, state="waiting", reason="number_taken", xero=("VOIDED",)),
    Path(row=8, story=taken_by_a_stranger, state="waiting", reason="number_taken"),
    Path(row=9, story=new, state="synced"),
    Path(row=10, story=vanished, state="waiting", reason="gone_in_xero", xero=("VOIDED",)),
    Path(row=11, story=known, state="synced"),
    Path(row=12, story=converged, state="synced"),
    Path(row=13, story=edited_here, state="synced"),
    Path(row=14, story=edited_there, state="out_of_sync"),
    Path(row=15, story=edited_on_both, state="out_of_sync"),
)


def test_the_paths_lead_into_all_sixteen_rows() -> None:
    assert [path.row for path in PATHS] == list(range(16))


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_every_row_is_reached_and_ends_as_the_table_says(path: Path) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await path.story(rounds)

        row, _ = await row_now(rounds, invoice)
        assert row == path.row
        rounds.xero.world.faults.set([])
        await rounds.after(900, step_s=30)

        now = await shown(rounds, invoice)
        assert (now.state, now.reason) == (path.state, path.reason)
        assert tuple(each["Status"] for each in rounds.books()) == path.xero
        told = rounds.result(invoice)
        assert (told["state"], told.get("reasonCode")) == (path.state, path.reason)

    play(story)


async def _taken(rounds: Rounds, story: Story, side: str) -> tuple[str, Shown]:
    invoice = await story(rounds)
    await rounds.turn()
    return invoice, await take(rounds, invoice, side)


def statuses(rounds: Rounds) -> list[tuple[str, str, str]]:
    return sorted(
        (each["InvoiceNumber"], each["Status"], each["Reference"]) for each in rounds.books()
    )


def test_deleted_here_and_edited_there_is_voided_when_pipeline_is_taken() -> None:
    async def story(rounds: Rounds) -> None:
        _, now = await _taken(rounds, deleted_and_edited, "pipeline")

        assert now.state == "voided"
        assert statuses(rounds) == [("PL-1", "VOIDED", "hers")]

    play(story)


def test_deleted_here_and_edited_there_stays_when_xero_is_taken_whatever_comes() -> None:
    async def story(rounds: Rounds) -> None:
        invoice, now = await _taken(rounds, deleted_and_edited, "xero")
        assert (now.state, now.why) == (
            "synced",
            "Deleted in Pipeline, and left standing in Xero by decision.",
        )

        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers, later"})
        await look(rounds, invoice)
        await rounds.after(7200, step_s=1800)

        assert (await shown(rounds, invoice)).state == "synced"
        assert statuses(rounds) == [("PL-1", "AUTHORISED", "hers, later")]
        # Until a person changes their mind, or Xero's own people void it.
        assert (await take(rounds, invoice, "pipeline")).state == "voided"
        assert statuses(rounds) == [("PL-1", "VOIDED", "hers, later")]

    play(story)


def test_what_was_left_standing_and_is_voided_there_is_voided() -> None:
    async def story(rounds: Rounds) -> None:
        invoice, _ = await _taken(rounds, deleted_and_edited, "xero")

        rounds.xero.do(do="void", invoice="PL-1")
        await look(rounds, invoice)
        await rounds.turn()

        assert (await shown(rounds, invoice)).state == "voided"

    play(story)


def test_gone_and_accepted_is_voided_until_pipeline_has_a_newer_version() -> None:
    async def story(rounds: Rounds) -> None:
        invoice, now = await _taken(rounds, vanished, "xero")
        assert (now.state, now.why) == ("voided", "Gone in Xero, and accepted as gone by decision.")
        assert rounds.result(invoice)["state"] == "voided"

        await look(rounds, invoice)
        await rounds.after(7200, step_s=1800)
        assert (await shown(rounds, invoice)).state == "voided"

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "again"})
        await rounds.turn()
        assert (await shown(rounds, invoice)).reason == "gone_in_xero"

    play(story)


def test_gone_is_created_again_under_a_new_number_and_lives_on() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await vanished(rounds)
        await rounds.turn()
        refused = await order(rounds, invoice, "pipeline")
        assert "PL-1 is held in Xero" in getattr(refused, "text", "")

        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2"})
        await rounds.turn()
        now = await take(rounds, invoice, "pipeline")

        assert now.state == "synced"
        assert statuses(rounds) == [("PL-1", "VOIDED", "PO"), ("PL-2", "AUTHORISED", "ours")]
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "later"})
        await rounds.after(60)
        assert statuses(rounds)[1] == ("PL-2", "AUTHORISED", "later")
        rounds.user(do="delete", id=invoice)
        await rounds.turn()
        assert statuses(rounds)[1] == ("PL-2", "VOIDED", "later")

    play(story)


def test_created_again_it_stands_once_although_the_answer_was_lost() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await vanished(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2"})
        await rounds.turn()
        rounds.fault(match=PUT, do="drop_after_commit", times=1)

        await order(rounds, invoice, "pipeline")
        await rounds.after(600, step_s=10)

        assert (await shown(rounds, invoice)).state == "synced"
        assert [each[:2] for each in statuses(rounds)] == [
            ("PL-1", "VOIDED"),
            ("PL-2", "AUTHORISED"),
        ]

    play(story)


@pytest.mark.parametrize(("side", "reference"), [("pipeline", "PO"), ("xero", "hers")])
def test_unrecognised_with_our_mark_ends_as_decided(side: str, reference: str) -> None:
    async def story(rounds: Rounds) -> None:
        invoice, now = await _taken(rounds, unrecognised, side)

        assert now.state == "synced"
        assert statuses(rounds) == [("PL-1", "AUTHORISED", reference)]
        assert now.moved == ({} if side == "pipeline" else {"reference": None})
        row, _ = await row_now(rounds, invoice)
        assert row == 11

    play(story)


@pytest.mark.parametrize(("side", "status"), [("pipeline", "VOIDED"), ("xero", "AUTHORISED")])
def test_unrecognised_and_deleted_ends_as_decided(side: str, status: str) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await unrecognised(rounds)
        rounds.user(do="delete", id=invoice)
        await heard(rounds)
        row, verdict = await row_now(rounds, invoice)
        assert (row, verdict and verdict.kind) == (2, "out_of_sync")
        await rounds.turn()

        now = await take(rounds, invoice, side)

        assert now.state == ("voided" if side == "pipeline" else "synced")
        assert statuses(rounds) == [("PL-1", status, "hers")]

    play(story)


def test_money_on_a_document_holds_what_was_decided_until_it_is_gone() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await known(rounds)
        rounds.xero.do(do="edit", invoice="PL-1", lines=[{"place": 0, "set": {"UnitAmount": "99"}}])
        rounds.user(do="edit_line", id=invoice, line=0, set={"unitAmount": 111})
        await rounds.turn()
        rounds.xero.do(do="pay", invoice="PL-1", amount="10")
        await look(rounds, invoice)
        await rounds.turn()

        now = await take(rounds, invoice, "pipeline")

        assert (now.state, now.reason) == ("waiting", "has_payments")
        assert "lines[0].unitAmount" in now.moved
        rounds.xero.do(do="delete_payment", invoice="PL-1")
        await rounds.after(3700, step_s=1800)
        assert (await shown(rounds, invoice)).state == "synced"
        assert rounds.books()[0]["LineItems"][0]["UnitAmount"] == "111.0000"

    play(story)


def test_a_link_let_go_is_gone_with_its_document() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await known(rounds)
        let_go = links.let_go(rounds.tenant, ChangeKind.INVOICE, invoice, rounds.xero_id(invoice))
        await rounds.context.store.run(let_go)
        await look(rounds, invoice)

        row, _ = await row_now(rounds, invoice)
        assert row == 11  # row 6: what was sent is still on paper, so it is ours, and adopted
        await rounds.turn()
        assert (await shown(rounds, invoice)).state == "synced"
        assert len(rounds.books()) == 1

    play(story)
