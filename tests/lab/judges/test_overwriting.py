"""The judge of overwritten edits: Xero's history against what was read before each write."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.lab.judges.overwriting import OverwritingJudge
from syncd.lab.watch.operator_witness import Decision
from syncd.lab.watch.watched_xero import Arrival
from syncd.sandbox.http import Request, Response

ID = "0dd0d3c2-9a42-4e72-a70c-d19cd39fc194"
BEA = "the bookkeeper"
PATH = "/api.xro/2.0/Invoices"


def read(number: int, at_s: float, status: int = 200) -> Arrival:
    request = Request(method="GET", path=PATH)
    return Arrival(
        number=number,
        request=request,
        at_s=at_s,
        answered=Response(status=status, body=ID.encode()),
    )


def write(number: int, at_s: float, lives_until_s: float = 0.0) -> Arrival:
    request = Request(method="POST", path=PATH, body=ID.encode())
    return Arrival(number=number, request=request, at_s=at_s, lives_until_s=lives_until_s)


def entry(at_s: float, who: str, *fields: tuple[str, Any, Any]) -> dict[str, Any]:
    changed = [list(each) for each in fields]
    return {"at_ms": int(at_s * 1000), "who": who, "what": "edited", "fields": changed}


def judged(arrivals: list[Arrival], *history: dict[str, Any]) -> tuple[list[str], int]:
    judge = OverwritingJudge(arrivals)
    document = {"InvoiceID": ID, "InvoiceNumber": "N1", "History": history}
    found = list(judge.judge({"invoices": [document]}))
    return found, judge.sometimes.total()


DEATH = ("Status", "AUTHORISED", "VOIDED")
EDIT = entry(100.0, BEA, ("Reference", "A", "B"))


@pytest.mark.parametrize(
    "after",
    [("Reference", "B", "C"), ("Status", "AUTHORISED", "VOIDED")],
)
def test_write_after_a_read_that_showed_the_edit_is_a_violation(
    after: tuple[str, Any, Any],
) -> None:
    found, _ = judged([read(1, 105.0), write(2, 106.0)], EDIT, entry(106.0, "app", after))

    assert len(found) == 1


@pytest.mark.parametrize(("agreed", "says"), [("Reference", 0), ("DueDate", 1)])
def test_withdrawal_takes_no_edit_away_that_pipeline_had_made_too(agreed: str, says: int) -> None:
    """Seed 912148: a number that both sides had changed to the same before the invoice went."""
    judge = OverwritingJudge([read(1, 105.0), write(2, 106.0)], agreed={ID: {agreed}})
    history = [EDIT, entry(106.0, "app", DEATH)]
    document = {"InvoiceID": ID, "InvoiceNumber": "N1", "History": history}

    assert len([*judge.judge({"invoices": [document]})]) == says


def test_edit_between_read_and_write_is_counted_and_excused() -> None:
    overwrites = entry(100.5, "app", ("Reference", "B", "C"))

    assert judged([read(1, 99.0), write(2, 100.5)], EDIT, overwrites) == ([], 1)


def test_window_of_a_late_commit_lasts_until_it_is_carried_out() -> None:
    overwrites = entry(300.0, "app", ("Reference", "B", "C"))

    assert judged([read(1, 94.0), write(2, 95.0, 300.0)], EDIT, overwrites) == ([], 1)


def test_read_that_was_too_old_is_a_violation() -> None:
    overwrites = entry(100.5, "app", ("Reference", "B", "C"))

    assert len(judged([read(1, 80.0), write(2, 100.5)], EDIT, overwrites)[0]) == 1


def test_failed_read_is_none() -> None:
    overwrites = entry(100.5, "app", ("Reference", "B", "C"))

    assert len(judged([read(1, 99.0, 500), write(2, 100.5)], EDIT, overwrites)[0]) == 1


def test_write_of_another_field_is_no_violation() -> None:
    found, _ = judged(
        [read(1, 105.0), write(2, 106.0)], EDIT, entry(106.0, "app", ("DueDate", "x", "y"))
    )

    assert found == []


def test_withdrawal_does_not_see_what_pipeline_leaves_empty() -> None:
    filled = entry(100.0, BEA, ("Reference", "", "B"))
    gone = entry(106.0, "app", ("Status", "DRAFT", "DELETED"))

    assert judged([read(1, 105.0), write(2, 106.0)], filled, gone) == ([], 0)


def test_contact_that_was_merged_is_no_edit_of_the_invoice() -> None:
    merged = entry(100.0, BEA, ("ContactID", "a", "b")) | {"what": "merged"}

    assert judged([read(1, 105.0), write(2, 106.0)], merged, entry(106.0, "app", DEATH)) == ([], 0)


def decided(
    *,
    reads_s: float,
    take: str = "pipeline",
    document: str = ID,
    change: tuple[str, Any, Any] = DEATH,
) -> list[str]:
    choice = Decision(
        began_s=103.0,
        ended_s=104.0,
        invoice="i1",
        take=take,
        documents=frozenset({document}),
    )
    arrivals = [read(1, reads_s), read(2, 105.0), write(3, 106.0)]
    shown = {
        "InvoiceID": ID,
        "InvoiceNumber": "N1",
        "History": [EDIT_LATE, entry(106.0, "app", change)],
    }
    return list(OverwritingJudge(arrivals, [choice]).judge({"invoices": [shown]}))


EDIT_LATE = entry(103.4, BEA, ("Reference", "A", "B"))


def test_edit_that_a_decision_was_shown_may_be_written_over() -> None:
    assert decided(reads_s=103.5) == []


def test_edit_after_the_last_read_of_a_decision_is_not_excused_by_it() -> None:
    assert len(decided(reads_s=103.2)) == 1


def test_decision_for_xero_lets_the_edit_go_with_the_document_alone() -> None:
    assert decided(reads_s=103.5, take="xero") == []
    assert len(decided(reads_s=103.5, take="xero", change=("Reference", "B", "C"))) == 1


def test_decision_of_another_document_excuses_nothing() -> None:
    assert len(decided(reads_s=103.5, document="another")) == 1


UNDONE = (EDIT, entry(104.0, BEA, ("Reference", "B", "A")))
OVER = entry(106.0, "app", ("Reference", "A", "C"))


def test_edit_that_was_undone_by_hand_is_no_edit() -> None:
    assert judged([read(1, 105.0), write(2, 106.0)], *UNDONE, OVER) == ([], 0)


def test_edit_of_another_kind_than_the_one_before_is_not_undone() -> None:
    again = entry(104.0, BEA, ("Reference", "B", "D"))
    over = entry(106.0, "app", ("Reference", "D", "C"))

    assert len(judged([read(1, 105.0), write(2, 106.0)], EDIT, again, over)[0]) == 1


def test_edit_that_puts_back_what_our_write_replaced_stands() -> None:
    ours = entry(102.0, "app", ("Reference", "B", "C"))
    back = entry(104.0, BEA, ("Reference", "C", "A"))
    over = entry(106.0, "app", ("Reference", "A", "C"))
    arrivals = [read(1, 99.0), write(2, 102.0), read(3, 105.0), write(4, 106.0)]

    assert len(judged(arrivals, EDIT, ours, back, over)[0]) == 1


def test_undoing_what_a_decision_took_from_xero_is_an_edit() -> None:
    taken = Decision(
        began_s=102.0, ended_s=103.0, invoice="i1", take="xero", documents=frozenset({ID})
    )
    document = {"InvoiceID": ID, "InvoiceNumber": "N1", "History": [*UNDONE, OVER]}
    judge = OverwritingJudge([read(1, 105.0), write(2, 106.0)], [taken])

    assert len(list(judge.judge({"invoices": [document]}))) == 1
