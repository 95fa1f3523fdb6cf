"""Which cause an object waits or failed for, of those that others may share.

Pure. Called where a job is settled; stored beside its reason, so that what a person must do is
counted by cause without a look at what waits.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.job import Reason
from syncd.domain.model.objection import Objection
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.rules.queue.holds import HoldContext

OF_CONTACTS = (Reason.CONTACT_UNMAPPED, Reason.CONTACT_ARCHIVED, Reason.CONTACT_NAME_TAKEN)
OF_THE_TENANT = (
    Reason.OBSERVING, Reason.PAUSED, Reason.NOT_CONNECTED, Reason.TOKEN_EXPIRED,
    Reason.BRAKE_HALTED,
)  # fmt: skip
"""What holds all of a tenant, its customers too: no single one is the cause."""


def of_hold(
    reason: Reason | None,
    context: HoldContext,
    objections: Sequence[Objection] = (),
) -> HoldCause | None:
    """The cause of a hold or a refusal, by reason; None where it is the object's own affair."""
    if reason in OF_THE_TENANT:
        return None
    if context.customer and (reason in OF_CONTACTS or not context.is_invoice):
        return HoldCause(kind=CauseKind.CUSTOMER, name=context.customer)
    named = (one.cause for one in objections if one.reason is reason)
    return next((cause for cause in named if cause is not None), None)


def of_differences(differences: Sequence[Difference]) -> HoldCause | None:
    """Who moved an invoice that is out of sync; None where nobody did."""
    movers = {one.moved_by for one in differences if one.moved_by is not None}
    if not movers:
        return None
    mover = movers.pop() if len(movers) == 1 else MovedBy.BOTH
    return HoldCause(kind=CauseKind.MOVED_BY, name=mover)
