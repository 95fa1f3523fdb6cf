"""One invoice: every state, the decision, looking again, and its story."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import cast

import pytest

from syncd.domain.errors import NotSent
from syncd.domain.ids import PipelineInvoiceId, TenantId
from syncd.domain.model.invoice import MoneyKind
from syncd.domain.model.job import JobState, PublicState, Reason
from syncd.domain.model.result import Difference, InvoiceResult, MovedBy, PaymentStatus
from syncd.domain.rules.decide.resolve import Take
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.core import pipeline_reach
from syncd.engine.operator.resolve import (
    Answer,
    HasMoved,
    NotResolved,
    Order,
    Resolved,
    ResolveService,
)
from syncd.ports import trail
from syncd.ports.billing import ChangeKind
from syncd.store import desired
from syncd.store.desired import DesiredChange
from tests.engine.support.operating import (
    FAILED,
    OUT_OF_SYNC,
    QUEUED,
    SYNCED,
    TOTAL,
    UNMAPPED,
    End,
    differing,
    payment,
)
from tests.store.build import ACME, AT
from tests.web.console.support import hostile
from tests.web.console.support.browsing import Browser, Page, browsing, console, path_of
from tests.web.support.serving import TOKENS, Served, operators

PATH = "/t/acme/invoices/a"


class Decided:
    """ResolveService with its answer set by hand; remembers what was ordered."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.orders: list[Order] = []

    async def resolve(self, _: TenantId, __: str, order: Order) -> Answer:
        self.orders.append(order)
        return self.answer


async def deciding(served: Served, answer: Answer) -> Decided:
    await served.desk.seed({"a": OUT_OF_SYNC})
    await served.desk.link("a", result=differing("a"))
    decided = Decided(answer)
    served.desk.operations.resolutions = cast("ResolveService", decided)
    return decided


def field_of(page: Page, name: str) -> list[str]:
    attributes = page.attributes
    at = [place for place, pair in enumerate(attributes) if pair == ("name", name)]
    return [attributes[place + 1][1] for place in at]


@pytest.mark.parametrize("role", TOKENS)
@pytest.mark.parametrize("end", [QUEUED, SYNCED, FAILED, UNMAPPED, OUT_OF_SYNC])
async def test_every_state_renders_for_every_role(role: str, end: End) -> None:
    async with operators() as served, browsing(served, role) as browser:
        await served.desk.seed({"a": end})

        shown = await browser.get(PATH)

        assert shown.status == 200
        assert shown.unclosed == []
        assert "A" in shown.text


async def test_out_of_sync_shows_the_difference_and_both_buttons_with_their_effect() -> None:
    async with operators() as served, browsing(served, "Admin") as browser:
        await deciding(served, Resolved())

        shown = await browser.get(PATH)

        assert "Take Pipeline" in shown.buttons
        assert "Take Xero" in shown.buttons
        assert "Xero becomes: Total 115.00." in shown.text
        assert "Xero keeps Total 120.00" in shown.text
        assert field_of(shown, "seen") != []


@pytest.mark.parametrize(
    ("reason", "note", "said"),
    [
        (
            Reason.LOCKED_PERIOD,
            "Xero says: The period is locked.",
            "Xero says: The period is locked. Move the lock date in Xero",
        ),
        (
            Reason.NUMBER_TAKEN,
            "Xero has it in another (0c729fa0-4a42-404c-a1a8-0a183a498ad0). Change one of them.",
            "Xero has it in another. Change one of them.",
        ),
        (
            Reason.INVALID_DOCUMENT,
            "lines[0].unitAmount: expected more. Correct it in Pipeline.",
            "line 1 unit amount: expected more. Correct it in Pipeline.",
        ),
    ],
)
async def test_what_waits_says_who_does_what_in_words(reason: Reason, note: str, said: str) -> None:
    async with operators() as served, browsing(served, "Office") as browser:
        await served.desk.seed({"a": End(state=JobState.HELD, reason=reason, note=note)})

        shown = await browser.get(PATH)

        assert said in shown.text


async def test_agreement_says_as_of_what_where_a_side_cannot_be_read() -> None:
    async with operators() as served, browsing(served, "Office") as browser:
        await served.desk.seed({"a": SYNCED})
        context, lost = served.desk.context, NotSent("gone", system="pipeline")

        equal = await browser.get(PATH)
        pipeline_reach.read(context, ACME, lost)
        unheard = await browser.get(PATH)
        pipeline_reach.read(context, ACME)
        served.desk.column.state = ConnectionState.TOKEN_EXPIRED
        unread = await browser.get(PATH)

        assert "Equal in both books." in equal.text
        assert "Equal in both books, as Pipeline was last read." in unheard.text
        assert "Equal in both books, as Xero was last read." in unread.text


async def test_what_pipeline_deleted_and_xero_edited_says_both_and_what_a_decision_does() -> None:
    async with operators() as served, browsing(served, "Admin") as browser:
        await served.desk.seed({"a": OUT_OF_SYNC})
        await served.desk.link("a", result=differing("a"))
        gone = DesiredChange(kind=ChangeKind.INVOICE, key="a", version=2, at=AT, by="Ada")
        await served.desk.store.run(desired.put(ACME, [gone]))

        shown = await browser.get(PATH)

        assert "Deleted in Pipeline, and differs between both books. Nothing" in shown.text
        assert "It is voided or deleted in Xero too" in shown.text
        assert "It stays in Xero as it is there" in shown.text


async def test_what_is_gone_in_xero_says_what_either_decision_does() -> None:
    end = End(state=JobState.HELD, reason=Reason.GONE_IN_XERO, note="Voided or deleted in Xero.")
    async with operators() as served, browsing(served, "Admin") as browser:
        await served.desk.seed({"a": end})
        await served.desk.link("a", result=differing("a"))

        shown = await browser.get(PATH)

        assert "Xero becomes" not in shown.text
        assert "Refused as long as it is called A: Xero gives that number to no other" in shown.text
        assert "It stays gone in Xero, and is accepted as gone." in shown.text


async def test_the_office_sees_the_difference_and_who_may_decide() -> None:
    async with operators() as served, browsing(served, "Office") as browser:
        await deciding(served, Resolved())

        shown = await browser.get(PATH)

        assert "Taking a side needs Admin." in shown.text
        assert "Take Pipeline" not in shown.buttons


@pytest.mark.parametrize("take", Take)
async def test_a_side_is_taken_of_what_was_seen(take: Take) -> None:
    async with operators() as served, browsing(served, "Admin") as browser:
        decided = await deciding(served, Resolved())
        seen = field_of(await browser.get(PATH), "seen")[0]

        answer = await browser.post(f"{PATH}/resolve", {"take": take.value, "seen": seen})

        assert (answer.status, path_of(answer)) == (303, PATH)
        assert decided.orders == [Order(take=take, seen=seen, who="admin")]
        assert "was taken" in (await browser.get(answer.headers["Location"])).text


async def test_what_has_moved_is_drawn_again_and_nothing_was_changed() -> None:
    async with operators() as served, browsing(served, "Admin") as browser:
        await deciding(served, HasMoved(differences=(TOTAL,), seen="now"))

        answer = await browser.post(f"{PATH}/resolve", {"take": "pipeline", "seen": "then"})

        assert answer.status == 409
        assert "It has moved since you looked. Nothing was changed" in answer.text
        assert "Take Pipeline" in answer.buttons


@pytest.mark.parametrize(("is_unread", "status"), [(False, 409), (True, 503)])
async def test_what_cannot_be_decided_says_why(is_unread: bool, status: int) -> None:
    async with operators() as served, browsing(served, "Admin") as browser:
        await deciding(served, NotResolved(text="It is being worked on.", is_unread=is_unread))

        answer = await browser.post(f"{PATH}/resolve", {"take": "xero", "seen": "s"})

        assert answer.status == status
        assert "It is being worked on." in answer.text
        assert (await browser.post(f"{PATH}/resolve", {"take": "both"})).status == 400


async def test_money_has_a_row_for_each_payment_and_says_which_are_gone() -> None:
    async with console("Office") as browser:
        await browser.desk.seed({"a": SYNCED})
        await browser.desk.pay(
            "a",
            payment("a", reference="BANK-7"),
            payment("a", "c1", type=MoneyKind.CREDIT_NOTE, amount=Decimal("2.50")),
            payment("a", "p0", status=PaymentStatus.DELETED, paid_on=date(2026, 11, 1)),
        )

        shown = await browser.get(PATH)

        assert "22 Nov Payment 40.00 NZD BANK-7 Authorised" in shown.text
        assert "22 Nov Credit note 2.50 NZD Authorised" in shown.text
        assert "1 Nov Payment 40.00 NZD taken back in Xero" in shown.text
        assert shown.text.index("1 Nov") < shown.text.index("22 Nov Credit note")


async def test_looking_again_is_one_press() -> None:
    async with console("Admin") as browser:
        await browser.desk.seed({"a": UNMAPPED})

        answer = await browser.post(f"{PATH}/retry")

        assert path_of(answer) == PATH
        assert browser.desk.woken == ["acme"]
        assert "looked at again now" in (await browser.get(answer.headers["Location"])).text


@pytest.mark.parametrize("last", ["", "/story"])
async def test_an_unknown_invoice_is_a_page_that_says_so(last: str) -> None:
    async with console() as browser:
        shown = await browser.get(f"/t/acme/invoices/nobody{last}")

        assert shown.status == 404
        assert "No invoice 'nobody' of acme is in scope." in shown.text


@asynccontextmanager
async def xero_asked() -> AsyncIterator[tuple[Browser, Page, Page, Page]]:
    """An invoice out of sync: its page, the part that asks Xero who it was, its page after that."""
    async with console("Office") as browser:
        await browser.desk.seed({"a": OUT_OF_SYNC})
        await browser.desk.link("a", result=differing("a"))
        before = await browser.get(PATH)
        part = await browser.get(f"{PATH}/story", **{"HX-Request": "true"})
        yield browser, before, part, await browser.get(PATH)


async def test_the_story_is_asked_for_once_a_minute() -> None:
    async with xero_asked() as (browser, asks, part, told):
        assert ("hx-trigger", "load") in asks.attributes
        assert (part.status, part.unclosed) == (200, [])
        assert "<html" not in part.body
        assert ("hx-trigger", "load") not in told.attributes
        assert (await browser.get(f"{PATH}/story")).status == 200


async def test_who_moved_a_field_stands_with_the_differences_once_xero_was_asked() -> None:
    async with xero_asked() as (_, before, part, after):
        assert "Total: Pipeline by Ada" not in before.text
        assert ("hx-swap-oob", "true") in part.attributes
        assert ("hx-swap-oob", "true") not in after.attributes
        for page in (part, after):
            assert "Total: Pipeline by Ada" in page.text


@hostile.EACH
async def test_hostile_words_are_shown_as_words(text: str) -> None:
    async with console() as browser:
        await browser.desk.seed({"a": End(**{**vars(OUT_OF_SYNC), "note": text})})
        difference = Difference(
            field="reference", pipeline=text, xero=text[::-1], agreed="old", moved_by=MovedBy.BOTH
        )
        result = InvoiceResult(
            id=PipelineInvoiceId("a"), state=PublicState.OUT_OF_SYNC, differences=(difference,)
        )
        await browser.desk.link("a", result=result)
        await browser.desk.pay("a", payment("a", reference=text, currency_code=text[:3]))

        shown = await browser.get(PATH)

        assert shown.status == 200
        hostile.assert_harmless(shown)


async def test_story_ends_with_what_the_log_has_it_by() -> None:
    async with operators() as served, browsing(served, "Office") as browser:
        with trail.following(["t-of-the-news"]):
            await served.desk.seed({"a": SYNCED})

        shown = await browser.get(PATH)

    assert "In the log under t-of-the-news" in " ".join(shown.text.split())
