"""How one invoice's round ends: what its decision, its answer or a look at it came to."""

from __future__ import annotations

from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.objection import Objection
from syncd.domain.model.result import Difference
from syncd.domain.model.snapshot import Base
from syncd.domain.model.value import Value
from syncd.domain.rules.journal.transitions import Proof
from syncd.domain.rules.queue.outcome import Outcome
from syncd.engine.invoices.loaded_invoice import LoadedInvoice


class InvoiceEnd(Value, frozen=True, kw_only=True):
    """The outcome of one invoice's round, and what goes with it into the store."""

    loaded: LoadedInvoice
    outcome: Outcome
    text: str = ""
    """What is said of one that is done."""
    live: LiveInvoice | None = None
    base: Base | None = None
    """None leaves what is agreed as it is."""
    is_voided: bool = False
    in_sync: bool = False
    accepted: tuple[str, ...] = ()
    """Fields edited in Xero that the policy takes as they stand: a decision, and on record."""
    differences: tuple[Difference, ...] = ()
    objections: tuple[Objection, ...] = ()
    written: StepKind | None = None
    """A write was confirmed in this round."""
    written_version: int | None = None
    """The Pipeline version it carried; a newer one may be wanted by now."""
    money_as_read: LiveInvoice | None = None
    """A whole read of the document, where `live` is a write's thin answer."""
    proof: Proof | None = None
    """What a look showed of a write nobody knew the outcome of."""
    look_again: bool = False
    """A person decided: the worker acts on the new base at once, and Pipeline is told so."""
