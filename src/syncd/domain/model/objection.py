"""An objection: why a document cannot be written as it stands, found without spending a call.

Raised by translation and preflight, listed to people under its reason code.
"""

from __future__ import annotations

from syncd.domain.model.cause import HoldCause
from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value


class Objection(Value, frozen=True, kw_only=True):
    """One reason against sending a document; `field` is its public name, e.g. `lines[2].taxType`.

    `text` says what was expected, what came, and what a person can do.
    """

    reason: Reason
    text: str
    field: str = ""
    cause: HoldCause | None = None
    """What others wait for too."""
