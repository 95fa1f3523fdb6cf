"""What an answer makes of its invoice: lines by their words, and nothing agreed by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from syncd.domain.model.settings import XeroEdits
from syncd.domain.rules.decide.situation import ALTERED
from syncd.ports.ledger import ElementRefused
from tests.engine.support.deciding import take
from tests.engine.support.rounds import LINE, Rounds, play

THREE = [{**LINE, "description": f"Work {n}", "quantity": 1} for n in range(3)]


def quantities(rounds: Rounds) -> dict[str, str]:
    (book,) = rounds.books()
    return {line["Description"]: line["Quantity"] for line in book["LineItems"]}


@pytest.mark.parametrize("is_lost", [False, True])
def test_an_edit_reaches_its_line_in_whatever_order_xero_answered(is_lost: bool) -> None:
    """Also where the create's answer was lost and a look found it."""

    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"reverses_new_lines": True})
        customer = rounds.customer()
        await rounds.turn()
        if is_lost:
            rounds.fault(do="drop_after_commit", match={"method": "PUT", "contains": "PL-1"})
        invoice = rounds.invoice(customer, lines=THREE)
        await rounds.after(60)

        rounds.user(do="edit_line", id=invoice, line=2, set={"quantity": 2})
        await rounds.turn()
        added = [*THREE[:2], {**THREE[2], "quantity": 2}]
        added += [{**LINE, "description": f"Work {n}", "quantity": 1} for n in (3, 4)]
        rounds.user(do="edit_invoice", id=invoice, set={"lines": added})
        await rounds.turn()
        rounds.user(do="edit_line", id=invoice, line=4, set={"quantity": 5})
        await rounds.turn()

        one, two, five = "1.0000", "2.0000", "5.0000"
        assert quantities(rounds) == {
            "Work 0": one, "Work 1": one, "Work 2": two, "Work 3": one, "Work 4": five,
        }  # fmt: skip
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_discount_given_in_xero_before_the_look_is_not_written_over(is_new: bool) -> None:
    """No field that is compared shows a discount by amount: its total alone tells of it."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        if is_new:
            rounds.fault(do="drop_after_commit", match={"method": "PUT", "contains": "PL-1"})
            invoice = rounds.invoice(customer)
        else:
            invoice = rounds.invoice(customer)
            await rounds.turn()
            lost = {"method": "POST", "path": "/Invoices"}
            rounds.fault(do="drop_after_commit", match=lost, times=1)
            rounds.user(do="edit_line", id=invoice, line=0, set={"quantity": 5})
        await rounds.after(5, step_s=1)
        assert rounds.result(invoice)["state"] == "uncertain"
        (line,) = rounds.books()[0]["LineItems"]
        kept = ("LineItemID", "Description", "Quantity", "UnitAmount", "AccountCode", "TaxType")
        given = {**{name: line[name] for name in kept}, "DiscountAmount": "1.05"}
        rounds.xero.do(do="edit", invoice="PL-1", set={"LineItems": [given]})
        await rounds.after(60)
        assert rounds.result(invoice)["state"] == "out_of_sync"

        before = rounds.books()
        rounds.user(do="edit_line", id=invoice, line=0, set={"quantity": 19})
        await rounds.after(60)

        assert rounds.books() == before
        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)


TRACKED = {**LINE, "tracking": [{"name": "Region", "option": "North"}]}
PRICED = {**LINE, "quantity": 1000, "unitAmount": "0.1234"}


@pytest.mark.parametrize("policy", ["hold", "accept", "mirror"])
@pytest.mark.parametrize(
    ("switch", "line", "fields"),
    [
        ({"drops_tracking": True}, TRACKED, ["lines[0].tracking"]),
        (
            {"unit_places": 2},
            PRICED,
            ["nett", "tax", "total", "lines[0].unitAmount"],
        ),
        ({"drops_emoji": True}, {**LINE, "description": "Zaun 🚧"}, ["lines[0].description"]),
    ],
)
def test_what_xero_altered_is_out_of_sync_whatever_the_policy_and_goes_out_once(
    policy: str, switch: dict[str, Any], line: dict[str, Any], fields: list[str]
) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(xero_edits=XeroEdits(policy))
        rounds.xero.world.switches.turn(switch)
        invoice = rounds.invoice(rounds.customer(), lines=[line])
        await rounds.after(120)

        result = rounds.result(invoice)
        named = f"Moved in Xero: {', '.join(fields)}. {ALTERED}"
        assert (result["state"], result["reason"]) == ("out_of_sync", named)
        assert [(each["field"], each["movedBy"]) for each in result["differences"]] == [
            (field, "xero") for field in fields
        ]
        assert rounds.calls("PUT Invoices") == 1
        assert rounds.calls("POST Invoices") == 0

    play(story)


def test_an_update_that_xero_alters_is_out_of_sync_in_that_field_alone() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), lines=[LINE, {**LINE, "description": "More"}])
        await rounds.turn()
        rounds.xero.world.switches.turn({"drops_tracking": True})

        rounds.user(do="edit_line", id=invoice, line=1, set=TRACKED | {"description": "More"})
        await rounds.turn()

        result = rounds.result(invoice)
        assert result["state"] == "out_of_sync"
        assert [each["field"] for each in result["differences"]] == ["lines[1].tracking"]

    play(story)


def _options(rounds: Rounds, line: dict[str, Any]) -> list[str]:
    """The tracking of a line, by the names of its options."""
    (books,) = rounds.xero.world.books.values()
    names = dict(each for one in books.settings.tracking for each in one.options)
    return [names[option] for _, option in line["Tracking"]]


def test_what_xero_altered_is_settled_by_pipeline_by_xero_or_by_a_person() -> None:
    """Each in its own invoice, and none of it by itself."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.xero.world.switches.turn({"drops_tracking": True})
        numbers = ("PL-1", "PL-2", "PL-3", "PL-4", "PL-5")
        given, said, mended, kept, pushed = (
            rounds.invoice(customer, number, lines=[TRACKED]) for number in numbers
        )
        await rounds.turn()
        rounds.xero.world.switches.turn({"drops_tracking": False})
        await rounds.after(60)
        assert {rounds.result(each)["state"] for each in (given, said, mended, kept, pushed)} == {
            "out_of_sync"
        }

        rounds.user(do="edit_line", id=given, line=0, set={"tracking": []})
        south = [{"name": "Region", "option": "South"}]
        rounds.user(do="edit_line", id=said, line=0, set={"tracking": south})
        edit = {"place": 0, "set": {"Tracking": [{"Name": "Region", "Option": "North"}]}}
        rounds.xero.do(do="edit", invoice=rounds.xero_id(mended), lines=[edit])
        await take(rounds, kept, "xero")
        await take(rounds, pushed, "pipeline")
        await rounds.after(4000, step_s=500)

        assert {rounds.result(each)["state"] for each in (given, said, mended, kept, pushed)} == {
            "synced"
        }
        assert [each["field"] for each in rounds.result(kept)["differences"]] == [
            "lines[0].tracking"
        ]
        options = {
            book["InvoiceNumber"]: _options(rounds, book["LineItems"][0]) for book in rounds.books()
        }
        assert options == {
            "PL-1": [], "PL-2": ["South"], "PL-3": ["North"], "PL-4": [], "PL-5": ["North"],
        }  # fmt: skip

    play(story)


def test_an_altered_invoice_deleted_in_pipeline_is_voided_for_nobody_edited_it() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"drops_tracking": True})
        invoice = rounds.invoice(rounds.customer(), lines=[TRACKED])
        await rounds.turn()

        rounds.user(do="delete", id=invoice)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "voided"
        assert rounds.books()[0]["Status"] == "VOIDED"

    play(story)


def test_normal_forms_are_agreed() -> None:
    """Trimmed, with other line ends, more decimals than Xero keeps, a tie rounded otherwise."""

    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"ties": "even"})
        customer = rounds.customer()
        await rounds.turn()
        line = {**LINE, "description": " Work\r\non site ", "quantity": 1, "unitAmount": "2.7"}
        invoice = rounds.invoice(customer, reference=" PO 1 ", lines=[line])
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert "differences" not in rounds.result(invoice)

    play(story)


class _ForbidsChanges:
    """A ledger of a Xero that takes no change of a document, for a rule of its own."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send_invoices(self, _tenant: Any, _call: Any, writes: Sequence[Any], **_: Any) -> Any:
        self.refused += 1
        said = ("Invoice not of valid status for modification",)
        return [ElementRefused(messages=said) for _ in writes]


def test_a_refusal_that_no_look_explains_is_told_and_tried_by_the_clock() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        whole = rounds.context
        forbidding = _ForbidsChanges(whole.ledger)
        rounds.context = replace(whole, ledger=forbidding)  # type: ignore[arg-type]  # a double
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 9"})

        await rounds.after(900, step_s=10)

        told = rounds.result(invoice)
        assert (told["state"], told["reasonCode"]) == ("waiting", "refused")
        assert "not of valid status for modification" in told["reason"]
        tried = forbidding.refused
        await rounds.after(3 * 3600, step_s=60)
        assert forbidding.refused - tried <= 4

        rounds.context = whole
        await rounds.after(3700, step_s=60)
        assert rounds.result(invoice)["state"] == "synced"
        (book,) = rounds.books()
        assert book["Reference"] == "PO 9"

    play(story)
