"""What the write path asks of a kind of document: the shapes it carries, and one small protocol.

Invoices and contacts each describe themselves once (`invoices.kind`, `contacts.kind`); everything
else under `writes` is the same for both.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from syncd.engine.core.probe_reads import ProbeRead, ProbeReads
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ElementRefused, ElementUnclear, Ledger, PreparedCall
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


class Kind(Protocol[L, W, D, S]):
    """A kind of document, as far as writing it differs from writing another."""

    @property
    def change(self) -> ChangeKind:
        """What Pipeline calls it."""

    @property
    def task(self) -> str:
        """What the round is called in metrics."""

    # --- a round

    async def load(
        self, context: SyncContext, tenant: TenantId, jobs: Sequence[Job]
    ) -> Sequence[L]:
        """Everything stored about these jobs' objects, in the jobs' order."""

    async def reread(self, context: SyncContext, tenant: TenantId, loaded: Sequence[L]) -> bool:
        """Read anew what could not be read of Pipeline's side; True when something was."""

    async def decide(
        self, changeset: ChangeSet, loaded: Sequence[L]
    ) -> Sequence[ChosenWrite[L, W, D]]:
        """The writes that follow, in order; what needs none is settled in the change set.

        None of `loaded` has an open intent. Raises RemoteError's leaves.
        """

    def settle(self, changeset: ChangeSet, loaded: L, outcome: Outcome) -> None:
        """Add an end that says nothing of the document to the change set."""

    # --- a call

    def prepare(self, ledger: Ledger, writes: Sequence[W]) -> tuple[PreparedCall, ...]:
        """The calls of these writes, in their order."""

    async def send(
        self,
        ledger: Ledger,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[W],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> Sequence[AppliedElement[D] | ElementRefused | ElementUnclear]:
        """Send these bytes once; an answer per write. Raises RemoteError's leaves."""

    def sent(self, intents: Sequence[Intent]) -> list[W]:
        """The writes of a call that was stored."""

    # --- its answers

    async def in_the_way(
        self,
        context: SyncContext,
        tenant: TenantId,
        refused: Sequence[tuple[Element[L, D], ElementRefused]],
    ) -> S:
        """Who has what these were refused for, looked for where that helps people."""

    def applied(
        self, changeset: ChangeSet, element: Element[L, D], live: D, *, is_found: bool = False
    ) -> None:
        """It stands in Xero. `is_found`: by a look, after its answer was lost."""

    def refused(
        self,
        changeset: ChangeSet,
        element: Element[L, D],
        answer: ElementRefused,
        seen: S,
    ) -> None:
        """Xero surely refused it, and nothing sent before can take effect any more."""

    # --- a look at what is uncertain

    def number_now(self, loaded: L) -> str | None:
        """The number a create is looked for by, beside the one that was sent."""

    async def read(
        self,
        context: SyncContext,
        tenant: TenantId,
        elements: Sequence[Intent],
        moves: Sequence[ProbeByNumber],
    ) -> ProbeReads[D]:
        """Look at every element of uncertain calls."""

    async def holders(
        self, context: SyncContext, tenant: TenantId, seen: Sequence[ProbeRead[D]]
    ) -> S:
        """Who has the numbers that were found to be taken."""

    def adopted(self, changeset: ChangeSet, element: Element[L, D], live: D) -> None:
        """A create landed, and was edited since."""

    def vanished(self, changeset: ChangeSet, element: Element[L, D]) -> None:
        """A withdrawal's document, which Xero does not know any more."""

    def given_up(self, changeset: ChangeSet, loaded: L, outcome: Outcome) -> None:
        """Nothing of the write stands in Xero."""

    def taken(
        self,
        changeset: ChangeSet,
        element: Element[L, D],
        read: ProbeRead[D],
        verdict: HoldForNumber,
        seen: S,
    ) -> None:
        """Another document has its number or name."""
