"""The sentence a page opens with, where it is about one subject: how it stands, what is wanted.

Pure. A tenant's own verdict is `verdicts`; shown by the same part of the templates.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.finding import Finding
from syncd.domain.model.value import Value
from syncd.engine.operator.release_brake import BrakeStatus
from syncd.web.console import words
from syncd.web.console.verdicts import Press
from syncd.web.console.words import GOOD, MOVING, OFF, PERSON, STOP, Look

_OK, _ASKS = "check", "bars"


class Opening(Value, frozen=True, kw_only=True):
    """How a page's subject stands: `look.word` begins the sentence, `text` is the rest of it."""

    look: Look
    text: str
    press: Press | None = None


def of_findings(shown: Sequence[Finding], *, has_more: bool, is_running: bool) -> Opening:
    """How many are open, and how many of them want a person."""
    if is_running:
        look = Look(word="Reconciling.", tone=MOVING, icon="clock")
        return Opening(look=look, text="Both books are compared; what differs appears below.")
    if not shown:
        look = Look(word="Nothing is open.", tone=GOOD, icon=_OK)
        return Opening(look=look, text="Both books show the same, as far as they were looked at.")
    wanting = sum(words.finding(one.kind).tone in (PERSON, STOP) for one in shown)
    many = f"More than {len(shown)} open" if has_more else f"{len(shown)} open"
    look = Look(word=f"{many}.", tone=PERSON if wanting else OFF, icon=_ASKS)
    if not wanting:
        return Opening(look=look, text="None of them wants you.")
    text = f"{wanting} of them {'wants' if wanting == 1 else 'want'} a person."
    return Opening(look=look, text=text)


def of_brake(brake: BrakeStatus | None) -> Opening:
    """Why a tenant is halted, or that it is not."""
    if brake is None:
        look = Look(word="Not halted.", tone=GOOD, icon=_OK)
        return Opening(look=look, text="No brake holds anything back.")
    look = Look(word="Halted.", tone=STOP, icon="cross")
    behind = max(brake.waiting, len(brake.documents))
    waits = words.counted(behind, "invoice waits", "invoices wait")
    said = words.without_commands(brake.halt.text)
    return Opening(look=look, text=f"{said} {waits}. Nothing of it was written.")
