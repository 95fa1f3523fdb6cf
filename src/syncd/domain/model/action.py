"""What a person can press, or do elsewhere, about something that is shown to them."""

from __future__ import annotations

from enum import StrEnum

from syncd.domain.model.value import Value


class Place(StrEnum):
    """Where a person goes for what syncd cannot do for them."""

    PIPELINE = "pipeline"
    XERO = "xero"
    CONFIGURATION = "configuration"


class Action(Value, frozen=True, kw_only=True):
    """One thing to do. `operation` is the API's name for it, or `place` says where it is done."""

    label: str
    operation: str | None = None
    place: Place | None = None
