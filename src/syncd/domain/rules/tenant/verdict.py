"""How a tenant stands in one word: the first of a fixed order that holds.

Called for the first sentence of every page and command that shows a tenant; whoever shows it has
the words. What stops all work comes before what is slow, and that before what waits for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from syncd.domain.model.settings import Mode
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.domain.model.value import Value


class TenantVerdictKind(StrEnum):
    """How a tenant stands; the order in which each is asked for."""

    UNUSABLE = "unusable"
    """Nothing can be written into the store, so nothing is done at all."""
    HALTED = "halted"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  (a state's public name, no secret)
    NOT_CONNECTED = "not_connected"
    PAUSED = "paused"
    RESTORING = "restoring"
    WARNED = "warned"
    """The product's warning, or a token that has ended while refreshes fail."""
    FAILING = "failing"
    """A service, Xero or Pipeline fails, or the disk is full."""
    STANDS_STILL = "stands_still"
    """Work is ready and nothing may move."""
    NEEDS_PERSON = "needs_person"
    OBSERVES = "observes"
    WORKING = "working"


_BY_TROUBLE = (
    (TenantVerdictKind.UNUSABLE, (TroubleKind.STORE_UNUSABLE,)),
    (TenantVerdictKind.HALTED, (TroubleKind.HALTED,)),
    (TenantVerdictKind.TOKEN_EXPIRED, (TroubleKind.TOKEN_EXPIRED,)),
    (TenantVerdictKind.NOT_CONNECTED, (TroubleKind.NOT_CONNECTED,)),
    (TenantVerdictKind.PAUSED, (TroubleKind.PAUSED,)),
    (TenantVerdictKind.RESTORING, (TroubleKind.RESTORE_LOOK,)),
    (
        TenantVerdictKind.WARNED,
        (
            TroubleKind.NO_VALID_TOKEN, TroubleKind.TOKEN_EXPIRING, TroubleKind.CONSENT_FAILED,
            TroubleKind.CLOCK_OFF,
        ),
    ),
    (
        TenantVerdictKind.FAILING,
        (
            TroubleKind.DISK_FULL, TroubleKind.XERO_DOWN, TroubleKind.SWEEP_REFUSED,
            TroubleKind.PIPELINE_KEY_REFUSED, TroubleKind.PIPELINE_DOWN,
            TroubleKind.FEED_STANDS_STILL, TroubleKind.SERVICE_FAILS, TroubleKind.MAPPING_UNUSABLE,
        ),
    ),
    (TenantVerdictKind.STANDS_STILL, (TroubleKind.DAY_SPENT, TroubleKind.DAY_RESERVED)),
)  # fmt: skip


class TenantVerdict(Value, frozen=True, kw_only=True):
    """The word, and the trouble that speaks it, where there is one."""

    kind: TenantVerdictKind
    trouble: Trouble | None = None


class Standing(Value, frozen=True, kw_only=True):
    """What a verdict follows from. `needs` counts causes that wait for a person."""

    troubles: Sequence[Trouble] = ()
    queued: int = 0
    needs: int = 0
    mode: Mode = Mode.LIVE


def of(at: Standing) -> TenantVerdict:
    """The first that holds. Spent calls are no standstill while nothing is queued."""
    for kind, troubles in _BY_TROUBLE:
        if kind is TenantVerdictKind.STANDS_STILL and at.queued == 0:
            continue
        for one in troubles:
            found = next((each for each in at.troubles if each.kind is one), None)
            if found is not None:
                return TenantVerdict(kind=kind, trouble=found)
    if at.needs:
        return TenantVerdict(kind=TenantVerdictKind.NEEDS_PERSON)
    if at.mode is Mode.OBSERVE:
        return TenantVerdict(kind=TenantVerdictKind.OBSERVES)
    return TenantVerdict(kind=TenantVerdictKind.WORKING)
