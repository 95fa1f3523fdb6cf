"""Threeway: the sixteen rows that say what follows from desired, live and base. First match wins.

Called by `invoices.batch`, the inbox, the reconciler, `plan` and `explain`, always with what was
read just before; it decides and does nothing. The order matters, and says:

* 0 before all: while one of our own writes may still land, every other answer is a guess.
* 1 before all that reads Xero: nobody decides on a side he has not seen. A new invoice without any
  trace of a send is the exception, for a PUT cannot overwrite (facts §3.2): it is the look.
* 2 before 3–5: what was never agreed is only withdrawn when it is ours. 3 before 4: what is gone
  cannot be destroyed. 4 before 5: voiding would destroy an edit.
* 6 before 7 and 8: a document of our own lost answer is ours. 9 is what remains without a base.
* What was never agreed and cannot be compared, for a word of Pipeline's leads nowhere in Xero yet,
  is no conflict: rows 6 and 15 wait for what is missing.
* 10 before 11–15: a document that is gone has no fields to compare.
* 11 before 12: what never moved needs no agreement, also where a decided difference is kept. Where
  a person decided to leave Xero as it is, rows 4, 5 and 10 have had their answer: it is row 11 too.
* 12 before 13–15: whoever moved, there is nothing to settle where both show the same.
* What Xero altered as it took our write keeps a document from rows 11 and 13, and no policy turns
  it: pushed again it would come back altered again. In row 14 it is out of sync, whoever moved.
* 13 and 14 are one-sided. A status that went back is never pushed: in Pipeline it falls to row 15,
  in Xero alone it is row 14; both carry the reason `status_regression`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from syncd.domain.model.job import Reason
from syncd.domain.rules.compare.ownership_mark import Owner
from syncd.domain.rules.decide.situation import (
    ALTERED,
    REMEDY,
    DesiredState,
    LiveState,
    Situation,
    Verdict,
    VerdictKind,
)

AT_REST = 11
"""The row in which both sides stay as they are: agreed, or decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One row of the table: when it matches, and what it says then."""

    number: int
    when: str
    matches: Callable[[Situation], bool]
    verdict: Callable[[Situation], Verdict]


def classify(situation: Situation) -> Verdict:
    """The verdict of the first row that matches. Total: the last row matches everything."""
    return row_of(situation).verdict(situation)


def row_of(situation: Situation) -> DecisionRow:
    """The first row that matches."""
    for row in ROWS:
        if row.matches(situation):
            return row
    raise AssertionError(f"no row for {situation}; the last one must match everything")


def _says(
    number: int, kind: VerdictKind, text: str, reason: Reason | None = None
) -> Callable[[Situation], Verdict]:
    verdict = Verdict(row=number, kind=kind, text=text, reason=reason)
    return lambda _: verdict


def _unknown(now: Situation) -> bool:
    traces = now.has_base or now.earlier_intent or now.restore_outstanding
    return now.desired is DesiredState.UNSEEN or (now.is_unread and traces)


def _read(now: Situation) -> Verdict:
    if now.desired is DesiredState.UNSEEN:
        return Verdict(
            row=1, kind=VerdictKind.READ_PIPELINE, text="Pipeline's side has to be read first."
        )
    return Verdict(row=1, kind=VerdictKind.READ_XERO, text="Xero's side has to be read first.")


def _withdrawn_unagreed(now: Situation) -> Verdict:
    if not now.is_ours or now.live is LiveState.GONE:
        return Verdict(
            row=2,
            kind=VerdictKind.VOIDED,
            text="Deleted in Pipeline; nothing of it stands in Xero.",
        )
    # Without Pipeline's side there is nothing to be equal to: only what we sent can tell an edit.
    if now.earlier_intent:
        return _adopted(2)
    return _unrecognised(2)


def _found_ours(now: Situation) -> Verdict:
    # Gone is gone whatever it showed: adopted as it stands, it falls into row 10.
    if now.earlier_intent or now.live is LiveState.GONE or now.compared.equal:
        return _adopted(6)
    return _untranslated(6, now) or _unrecognised(6)


def _adopted(row: int) -> Verdict:
    return Verdict(
        row=row,
        kind=VerdictKind.ADOPT,
        text="Xero has it already, with our mark: an earlier answer was lost.",
    )


def _unrecognised(row: int) -> Verdict:
    return Verdict(
        row=row,
        kind=VerdictKind.OUT_OF_SYNC,
        text=(
            "Xero has it with our mark, but it shows something else and nothing tells who modified "
            f"it. {REMEDY}"
        ),
    )


def _untranslated(row: int, now: Situation) -> Verdict | None:
    """Wait for what is missing, where all that can be compared is equal."""
    if not (now.missing and now.compared.untranslated):
        return None
    text = " ".join(each.text for each in now.missing)
    return Verdict(row=row, kind=VerdictKind.HOLD, reason=now.missing[0].reason, text=text)


def _number_ours(now: Situation) -> Verdict:
    return Verdict(
        row=7,
        kind=VerdictKind.HOLD,
        reason=Reason.NUMBER_TAKEN,
        text=(
            f"Its number is held in Xero by the document of Pipeline invoice {now.mark.other}; "
            "a voided document keeps its number too. Change the number of one of them in Pipeline."
        ),
    )


def _in_sync(now: Situation) -> Verdict:
    if not now.is_kept:
        return Verdict(row=11, kind=VerdictKind.IN_SYNC, text="Both sides show what was agreed.")
    if now.live is LiveState.ALIVE:
        text = "Deleted in Pipeline, and left standing in Xero by decision."
        return Verdict(row=11, kind=VerdictKind.LEFT, text=text)
    text = "Gone in Xero, and accepted as gone by decision."
    return Verdict(row=11, kind=VerdictKind.VOIDED, text=text)


def _xero_moved(now: Situation) -> Verdict:
    regressed = now.compared.xero_regressed
    reason = Reason.STATUS_REGRESSION if regressed else None
    if now.compared.altered:
        return Verdict(row=14, kind=VerdictKind.OUT_OF_SYNC, reason=reason, text=ALTERED)
    return Verdict(
        row=14,
        kind=VerdictKind.XERO_MOVED,
        reason=reason,
        text=(
            "Its status was set back in Xero."
            if regressed
            else "It was modified in Xero since both sides last agreed."
        ),
    )


def _out_of_sync(now: Situation) -> Verdict:
    moves = now.compared
    if (waits := _untranslated(15, now)) is not None:
        return waits
    if moves.pipeline_regressed or moves.xero_regressed:
        side = "Pipeline" if moves.pipeline_regressed else "Xero"
        return Verdict(
            row=15,
            kind=VerdictKind.OUT_OF_SYNC,
            reason=Reason.STATUS_REGRESSION,
            text=f"Its status was set back in {side}. {REMEDY}",
        )
    if moves.altered and not moves.xero:
        text = ALTERED
    elif moves.kept_touched and not moves.xero:
        text = f"Pipeline modified a field whose difference was kept by decision. {REMEDY}"
    else:
        text = (
            "It was modified in both systems: further sync is blocked to prevent data loss. "
            f"{REMEDY}"
        )
    return Verdict(row=15, kind=VerdictKind.OUT_OF_SYNC, text=text)


ROWS: tuple[DecisionRow, ...] = (
    DecisionRow(
        number=0,
        when="a write of ours is open",
        matches=lambda now: now.open_intent,
        verdict=_says(0, VerdictKind.PROBE, "A write has no certain outcome yet; looking."),
    ),
    DecisionRow(number=1, when="a side is unknown", matches=_unknown, verdict=_read),
    DecisionRow(
        number=2,
        when="withdrawn, no base",
        matches=lambda now: now.desired is DesiredState.WITHDRAWN and not now.has_base,
        verdict=_withdrawn_unagreed,
    ),
    DecisionRow(
        number=3,
        when="withdrawn, gone or absent in Xero",
        matches=lambda now: (
            now.desired is DesiredState.WITHDRAWN and now.live is not LiveState.ALIVE
        ),
        verdict=_says(3, VerdictKind.VOIDED, "Deleted in Pipeline and gone in Xero."),
    ),
    DecisionRow(
        number=4,
        when="withdrawn, alive and moved in Xero",
        matches=lambda now: (
            now.desired is DesiredState.WITHDRAWN and not now.is_kept and now.compared.xero
        ),
        verdict=_says(
            4,
            VerdictKind.OUT_OF_SYNC,
            "Deleted in Pipeline, but modified in Xero: voiding would destroy that edit. Resolve "
            "it by taking one side.",
        ),
    ),
    DecisionRow(
        number=5,
        when="withdrawn, alive, not moved in Xero",
        matches=lambda now: now.desired is DesiredState.WITHDRAWN and not now.is_kept,
        verdict=_says(5, VerdictKind.WITHDRAW, "Deleted in Pipeline; to be withdrawn in Xero."),
    ),
    DecisionRow(
        number=6,
        when="no base, found, ours",
        matches=lambda now: not now.has_base and now.is_ours,
        verdict=_found_ours,
    ),
    DecisionRow(
        number=7,
        when="no base, found, ours for another invoice",
        matches=lambda now: (
            not now.has_base and now.is_found and now.mark.owner is Owner.OURS_OTHER
        ),
        verdict=_number_ours,
    ),
    DecisionRow(
        number=8,
        when="no base, found, not ours",
        matches=lambda now: not now.has_base and now.is_found,
        verdict=_says(
            8,
            VerdictKind.HOLD,
            "Its number is held in Xero by a document that is not ours. Change the number in "
            "Pipeline, or adopt that document with plan and apply.",
            Reason.NUMBER_TAKEN,
        ),
    ),
    DecisionRow(
        number=9,
        when="no base, nothing found",
        matches=lambda now: not now.has_base,
        verdict=_says(9, VerdictKind.CREATE, "New; to be created in Xero."),
    ),
    DecisionRow(
        number=10,
        when="gone or absent in Xero",
        matches=lambda now: now.live is not LiveState.ALIVE and not now.is_kept,
        verdict=_says(
            10,
            VerdictKind.HOLD,
            "Voided or deleted in Xero. Create it again under a new number, or accept that it "
            "is gone.",
            Reason.GONE_IN_XERO,
        ),
    ),
    DecisionRow(
        number=11,
        when="nothing moved, or left as it is by decision",
        matches=lambda now: now.is_kept or now.compared.is_still,
        verdict=_in_sync,
    ),
    DecisionRow(
        number=12,
        when="what moved shows the same on both sides",
        matches=lambda now: now.compared.converged,
        verdict=_says(
            12,
            VerdictKind.CONVERGED,
            "Both sides show the same again: the sync will resume once the data is consistent, "
            "and it is.",
        ),
    ),
    DecisionRow(
        number=13,
        when="moved in Pipeline alone, nothing else altered, no kept one touched, status not back",
        matches=lambda now: (
            not (now.compared.xero or now.compared.altered)
            and not (now.compared.kept_touched or now.compared.pipeline_regressed)
        ),
        verdict=_says(13, VerdictKind.UPDATE, "Changed in Pipeline; to be updated in Xero."),
    ),
    DecisionRow(
        number=14,
        when="moved in Xero alone, or altered there",
        matches=lambda now: not now.compared.pipeline,
        verdict=_xero_moved,
    ),
    DecisionRow(number=15, when="everything else", matches=lambda _: True, verdict=_out_of_sync),
)
