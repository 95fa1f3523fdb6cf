"""Status compared as an order, Draft < Submitted < Authorised ≡ Paid.

Called by comparison. The decisions, each in one line:

| what happened                                              | it is                           |
|------------------------------------------------------------|---------------------------------|
| Xero further on than when we agreed                        | an approval, no edit            |
| Xero behind what it was                                    | a move, and a regression there  |
| Pipeline back, Xero authorised and further on than wanted  | a move, and a regression here   |
| Pipeline turned Sent, Xero does not say sent to contact    | a move the write can settle     |
| Xero at least as far as Pipeline wants                     | the same on both                |
"""

from __future__ import annotations

from syncd.domain.model.snapshot import Base, Snapshot
from syncd.domain.model.statuses import PipelineStatus, Rank, XeroStatus, rank_in_xero
from syncd.domain.model.value import Value

_ORDER = {status.value: place for place, status in enumerate(PipelineStatus)}


class StatusMoves(Value, frozen=True, kw_only=True):
    """How the status of a document moved on either side, and whether the sides now agree."""

    pipeline: bool = False
    xero: bool = False
    same: bool = True
    approved: bool = False
    only_unsent: bool = False
    """All that is apart is that Xero does not say sent to contact."""
    pipeline_regressed: bool = False
    xero_regressed: bool = False


def is_gone(status: str) -> bool:
    """Whether a Xero snapshot's status is terminal: VOIDED or DELETED."""
    return XeroStatus(status).is_gone


def compare_status(
    *,
    base: Base | None,
    desired: Snapshot | None,
    live: Snapshot | None,
    expected: Snapshot | None,
    sent_in_xero: bool,
) -> StatusMoves:
    """How the status moved; `expected` carries the Xero status Pipeline's word asks for.

    Without `expected` nobody knows what Pipeline's word asks for, and nothing is the same.
    """
    was_pipeline = base.pipeline.status if base and base.pipeline else None
    was_xero = base.xero.status if base and base.xero else None
    moved = desired is not None and desired.status != was_pipeline
    if live is None:
        return StatusMoves(pipeline=moved, same=False)
    if is_gone(live.status):
        return StatusMoves(pipeline=moved, xero=live.status != was_xero, same=False)

    reached = _rank(live.status)
    before = None if was_xero is None or is_gone(was_xero) else _rank(was_xero)
    behind = before is not None and reached < before
    wanted = _rank(expected.status) if expected is not None else None
    back = (
        desired is not None
        and was_pipeline is not None
        and _ORDER[desired.status] < _ORDER[was_pipeline]
        and wanted is not None
        and wanted < reached == Rank.AUTHORISED
    )
    unsent = (
        desired is not None
        and was_pipeline is not None
        and moved
        and desired.status == PipelineStatus.SENT
        and not sent_in_xero
    )
    reaches = wanted is not None and reached >= wanted and not back
    return StatusMoves(
        pipeline=moved,
        xero=before is None or behind,
        same=reaches and not unsent,
        only_unsent=reaches and unsent,
        approved=before is not None and reached > before,
        pipeline_regressed=back,
        xero_regressed=behind,
    )


def _rank(status: str) -> Rank:
    return rank_in_xero(XeroStatus(status))
