"""A brake: what would change too much at once, what it is measured against, why it halted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from syncd.domain.model.value import Value


class BrakeKind(StrEnum):
    """Why a tenant was halted; a closed set."""

    XERO_EMPTIED = "xero_emptied"
    """Xero suddenly knows most of the documents we look for no more."""
    PIPELINE_EMPTIED = "pipeline_emptied"
    """Pipeline suddenly withdraws most of what stands in Xero."""
    VOIDS = "voids"
    MONEY = "money"


class BrakeStep(StrEnum):
    """What would be done to one document; ABSENT: it would be believed gone."""

    UPDATE = "update"
    VOID = "void"
    DELETE = "delete"
    ABSENT = "absent"


REMOVES = (BrakeStep.VOID, BrakeStep.DELETE)


class Braked(Value, frozen=True, kw_only=True):
    """One document a brake looks at. `amount` is by how much its total changes, never negative."""

    key: str
    version: int
    step: BrakeStep
    label: str
    xero_id: str
    currency: str
    amount: Decimal

    @property
    def identity(self) -> tuple[str, int, BrakeStep]:
        """What makes it the very same change."""
        return (self.key, self.version, self.step)


class BrakeLimits(Value, frozen=True, kw_only=True):
    """How much may change within `window_s` without a person's word; `money` None: no limit.

    `money` is in currency units and holds for each currency by itself.
    """

    voids: int = 20
    window_s: float = 3600.0
    money: Decimal | None = None


class PassedAlready(Value, frozen=True, kw_only=True):
    """What was let pass within the window already; `money` by currency."""

    voids: int = 0
    money: Mapping[str, Decimal] = {}


class Halt(Value, frozen=True, kw_only=True):
    """Nothing more is written until a person releases it; `text` in plain words."""

    kind: BrakeKind
    text: str
