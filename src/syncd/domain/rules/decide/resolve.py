"""Resolves an invoice: what a person's decision for one side makes of it, or why it cannot be.

Called by `engine.operator.resolve` with the row the invoice falls into now and the comparison
behind it. Nothing is written here or by the decision itself: it moves the base, and the worker
follows.

| row           | take pipeline                         | take xero                               |
|---------------|---------------------------------------|-----------------------------------------|
| 2, 4, 5       | withdrawn in Xero, its edits with it  | left standing in Xero                   |
| 6, 13, 14, 15 | Pipeline's fields are written to Xero | as both stand; the differences are kept |
| 10            | created again, under a new number     | accepted as gone                        |
| 11, kept      | as 13: what was kept is written       | is so already                           |
| 0, 1, 7-9, 12 | nothing to decide                     | nothing to decide                       |
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from syncd.domain.model.snapshot import Base, Snapshot
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import comparison
from syncd.domain.rules.compare.comparison import Comparison
from syncd.domain.rules.decide import bases, threeway
from syncd.domain.rules.decide.situation import Verdict, VerdictKind


class Take(StrEnum):
    """The side a person takes."""

    PIPELINE = "pipeline"
    XERO = "xero"


class Follows(StrEnum):
    """What is left to do once the base has moved."""

    WRITE = "write"
    """The worker writes Pipeline's side to Xero, or withdraws the document."""
    KEPT = "kept"
    """Nothing: both sides stay as they are, and what differs is listed as kept."""
    LEFT = "left"
    """Nothing: deleted in Pipeline, it stays in Xero."""
    GONE = "gone"
    """Nothing: it stays gone in Xero."""
    CREATE = "create"
    """The link is let go, and the worker creates a new document."""


class Resolution(Value, frozen=True, kw_only=True):
    """The base after a decision. `base` None goes with the link that is let go."""

    follows: Follows
    base: Base | None
    text: str


class Impossible(Value, frozen=True, kw_only=True):
    """Why the decision cannot be carried out, and what a person can do instead."""

    text: str


class ResolveInput(Value, frozen=True, kw_only=True):
    """What a decision is about: the row, both sides, and what was agreed."""

    verdict: Verdict
    version: int
    base: Base | None
    pipeline: Snapshot | None
    xero: Snapshot | None
    comparison: Comparison | None
    xero_number: str | None = None
    """The number of the document that is or was ours."""


_WITHDRAWN_ROWS = (2, 4, 5)
_GONE_ROW = 10
_BOTH_STAND = (6, 13, 14, 15)


def resolve(now: ResolveInput, take: Take) -> Resolution | Impossible:
    """What follows from taking that side."""
    row, kind = now.verdict.row, now.verdict.kind
    if kind is VerdictKind.LEFT or (row in _WITHDRAWN_ROWS and kind is not VerdictKind.VOIDED):
        return _withdrawn(now, take)
    if row == _GONE_ROW or (row == threeway.AT_REST and kind is VerdictKind.VOIDED):
        return _gone(now, take)
    if row in _BOTH_STAND or (row == threeway.AT_REST and _differs(now)):
        return _both_stand(now, take)
    return Impossible(text=f"There is nothing to resolve. {now.verdict.text}")


def _differs(now: ResolveInput) -> bool:
    return now.comparison is not None and bool(comparison.differences(now.comparison))


def _withdrawn(now: ResolveInput, take: Take) -> Resolution | Impossible:
    """Deleted in Pipeline, standing in Xero."""
    if take is Take.PIPELINE:
        base = Base(pipeline=None, xero=None) if now.base is None else now.base
        # Should Pipeline bring it back before it is withdrawn, what differs is Pipeline's to say:
        # an old half of its own would call it agreed.
        return Resolution(
            follows=Follows.WRITE,
            base=replace(base, pipeline=None, xero=now.xero, left=None),
            text="To be withdrawn in Xero, as decided.",
        )
    if now.verdict.kind is VerdictKind.LEFT:
        return Impossible(text="It is left standing in Xero by decision already.")
    # What was agreed stays as it was: should Pipeline bring it back, the edit is still an edit.
    base = Base(pipeline=None, xero=None) if now.base is None else now.base
    return Resolution(
        follows=Follows.LEFT,
        base=replace(base, left=now.version),
        text="Deleted in Pipeline, and left standing in Xero by decision.",
    )


def _gone(now: ResolveInput, take: Take) -> Resolution | Impossible:
    """Wanted in Pipeline, gone in Xero."""
    assert now.base is not None, "what is gone was agreed once"
    if take is Take.XERO:
        if now.verdict.kind is VerdictKind.VOIDED:
            return Impossible(text="It is accepted as gone in Xero by decision already.")
        return Resolution(
            follows=Follows.GONE,
            base=replace(now.base, left=now.version),
            text="Gone in Xero, and accepted as gone by decision.",
        )
    if now.pipeline is not None and now.xero is not None and now.pipeline.number == now.xero_number:
        return Impossible(
            text=(
                f"Its number {now.xero_number} is held in Xero by the document that was voided or "
                "deleted, and Xero gives it to no other. Change the number in Pipeline, then "
                "resolve again; or take Xero's side and accept that it is gone."
            )
        )
    return Resolution(
        follows=Follows.CREATE,
        base=None,
        text="To be created in Xero again, as decided.",
    )


def _both_stand(now: ResolveInput, take: Take) -> Resolution | Impossible:
    """A document on both sides."""
    assert now.pipeline is not None, "rows of two living sides have Pipeline's"
    assert now.xero is not None, "rows of two living sides have Xero's"
    assert now.comparison is not None, "rows of two living sides are compared"
    if take is Take.XERO:
        if now.verdict.row == threeway.AT_REST:
            return Impossible(text="These differences are kept by decision already.")
        return Resolution(
            follows=Follows.KEPT,
            base=bases.base_as_both_show(now.base, now.pipeline, now.xero, now.comparison),
            text="",
        )
    if now.comparison.moves.pipeline_regressed:
        return Impossible(
            text=(
                f"Xero takes no {now.xero.status} invoice back to draft. Approve it again in "
                "Pipeline, or take Xero's side; to start over, delete it in Pipeline, which voids "
                "it in Xero."
            )
        )
    return Resolution(
        follows=Follows.WRITE,
        base=bases.base_taking_pipeline(now.pipeline, now.xero, now.comparison),
        text="To be updated in Xero with what Pipeline shows, as decided.",
    )
