"""What many objects may wait for alike: one cost code, one customer, one lock date.

A person mends a cause once, not each object; so the queue keeps it beside the reason, and what a
person must do is listed by it.
"""

from __future__ import annotations

from enum import StrEnum

from syncd.domain.model.value import Value


class CauseKind(StrEnum):
    """What kind of thing stands in the way."""

    CUSTOMER = "customer"
    """Pipeline's uuid of the customer."""
    COST_CODE = "cost_code"
    ACCOUNT = "account"
    """An account code of Xero's."""
    TAX_RATE = "tax_rate"
    """A fraction, as Pipeline says it."""
    TAX_TYPE = "tax_type"
    """A tax type of Xero's."""
    CURRENCY = "currency"
    LOCK_DATE = "lock_date"
    """The last day of the closed period."""
    TRACKING = "tracking"
    """A tracking category of Xero's."""
    MOVED_BY = "moved_by"
    """Whoever moved an invoice that is out of sync: pipeline, xero, both."""


class HoldCause(Value, frozen=True, kw_only=True):
    """One cause; `name` is as the kind's system calls it, an id for a customer."""

    kind: CauseKind
    name: str

    @property
    def text(self) -> str:
        """As one word, to be stored and asked for: `cost_code:PAINT`."""
        return f"{self.kind}:{self.name}"

    @classmethod
    def read(cls, text: str) -> HoldCause:
        """A cause from its one word. Raises ValueError for what is none."""
        kind, colon, name = text.partition(":")
        if not colon or not name:
            raise ValueError(f"expected KIND:NAME, got {text!r}")
        return cls(kind=CauseKind(kind), name=name)
