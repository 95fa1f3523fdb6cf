"""What the write path asks of a kind of document: the shapes it carries, and one description.

Invoices and contacts each describe themselves once (`invoices.kind`, `contacts.kind`); everything
else under `writes` is the same for both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from syncd.domain.ids import IdempotencyKey, TenantId
from syncd.domain.model.intent_body import IntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Job
from syncd.domain.model.probing import HoldForNumber, ProbeByNumber
from syncd.domain.model.value import Value
from syncd.domain.rules.queue.outcome import Outcome
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes.probe_reads import ProbeRead, ProbeReads
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ElementRefused, ElementUnclear, Ledger, PreparedCall
from syncd.store.calls import Call
from syncd.store.intents import Intent


class Loaded(Protocol):
    """One object's job with everything stored about it."""

    @property
    def job(self) -> Job:
        """The claimed job."""

    @property
    def version(self) -> int:
        """The desired version; zero when Pipeline's side was never seen."""

    @property
    def open_intent(self) -> Intent | None:
        """Its write of unknown outcome."""

    @property
    def earlier(self) -> Sequence[Intent]:
        """Its closed intents since both sides last agreed, oldest first, without unsent ones."""


L = TypeVar("L", bound=Loaded)
L_co = TypeVar("L_co", bound=Loaded, covariant=True)
W = TypeVar("W")
"""A write as it is encoded."""
W_co = TypeVar("W_co", covariant=True)
W_contra = TypeVar("W_contra", contravariant=True)
D = TypeVar("D")
"""A document as Xero shows it."""
D_co = TypeVar("D_co", covariant=True)
S = TypeVar("S")
"""What was seen to stand in the way of refused writes."""


class ChosenWrite(Protocol[L_co, W_co, D_co]):
    """One write that was decided, and all that must be stored before it leaves."""

    @property
    def loaded(self) -> L_co:
        """Whose write it is."""

    @property
    def write(self) -> W_co:
        """What is sent."""

    @property
    def step(self) -> StepKind:
        """What it does in Xero."""

    @property
    def xero_id(self) -> str | None:
        """The document it changes; None for a create."""

    @property
    def body(self) -> IntentBody:
        """What is stored of it."""

    @property
    def live(self) -> D_co | None:
        """The document it rests on."""

    @property
    def read_at(self) -> datetime | None:
        """When that was read."""


class Element(Value, Generic[L, D], frozen=True, kw_only=True):
    """One document of a call: its job, its intent and, for a change, the read before it."""

    loaded: L
    intent: Intent
    read: D | None = None


class AppliedElement(Protocol[D_co]):
    """Xero did it."""

    @property
    def live(self) -> D_co:
        """The document as the answer shows it."""


Refusal = tuple[Element[L, D], ElementRefused]
Answer = AppliedElement[D] | ElementRefused | ElementUnclear


class Sender(Protocol[W_contra, D_co]):
    """Sends the bytes of one call once, as `Ledger.send_invoices` says."""

    def __call__(
        self,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[W_contra],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> Awaitable[Sequence[AppliedElement[D_co] | ElementRefused | ElementUnclear]]:
        """An answer per write. Raises RemoteError's leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[L, W, D, S]):
    """A kind of document, as far as writing it differs from writing another."""

    change: ChangeKind
    task: str
    """What its round is called in metrics."""

    load: Callable[[SyncContext, TenantId, Sequence[Job]], Awaitable[Sequence[L]]]
    """Everything stored about these jobs' objects, in the jobs' order."""
    reread: Callable[[SyncContext, TenantId, Sequence[L]], Awaitable[bool]]
    """Reads anew what could not be read of Pipeline's side; True when something was."""
    decide: Callable[[ChangeSet, Sequence[L]], Awaitable[Sequence[ChosenWrite[L, W, D]]]]
    """The writes that follow, in order; what needs none is settled in the change set.

    None of the loaded has an open intent. Raises RemoteError's leaves.
    """
    settle: Callable[[ChangeSet, L, Outcome], None]
    """Adds an end that says nothing of the document to the change set."""

    prepare: Callable[[Ledger, Sequence[W]], tuple[PreparedCall, ...]]
    """The calls of these writes, in their order."""
    sender: Callable[[Ledger], Sender[W, D]]
    """What of the ledger sends a call of this kind."""
    meant: Callable[[SyncContext, Sequence[Call], Sequence[Intent]], Awaitable[Sequence[Intent]]]
    """The elements of these open calls with what was meant, where they do not say it themselves."""
    write_of: Callable[[Intent], W]
    """What was sent of an element that was stored."""

    in_the_way: Callable[[SyncContext, TenantId, Sequence[Refusal[L, D]]], Awaitable[S]]
    """Who has what these were refused for, looked for where that helps people."""
    applied: Callable[[ChangeSet, Element[L, D], D], None]
    """It stands in Xero, as the answer shows it."""
    refused: Callable[[ChangeSet, Element[L, D], ElementRefused, S], None]
    """Xero surely refused it, and nothing sent before can take effect any more."""

    number_now: Callable[[L], str | None]
    """The number a create is looked for by, beside the one that was sent."""
    read: Callable[
        [SyncContext, TenantId, Sequence[Intent], Sequence[ProbeByNumber]],
        Awaitable[ProbeReads[D]],
    ]
    """Looks at every element of uncertain calls."""
    withdraws: Callable[[Intent], bool]
    """Whether an element takes its document or contact out of use, which no later write undoes."""
    holders: Callable[[SyncContext, TenantId, Sequence[ProbeRead[D]]], Awaitable[S]]
    """Who has the numbers that were found to be taken."""
    found: Callable[[ChangeSet, Element[L, D], D], None]
    """It stands in Xero, as a look shows it after its answer was lost."""
    adopted: Callable[[ChangeSet, Element[L, D], D], None]
    """A create landed, and was edited since."""
    given_up: Callable[[ChangeSet, L, Outcome], None]
    """Nothing of the write stands in Xero."""
    taken: Callable[[ChangeSet, Element[L, D], HoldForNumber, S], None]
    """Another document has its number or name; the element's read shows it, where it is shown."""
