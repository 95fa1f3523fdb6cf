"""What the operator did to one tenant on a simulated day, noted as he acted, for the judges.

A judge excuses with it exactly what an action explains: this edit of this document, this span of
time. Instants are seconds of world time.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

AFTERWARDS_S = 60.0
"""What nobody has answered may still be carried out for so long."""
REACHES_WITHIN_S = 0.1
"""So long a command is on its way to the daemon."""
LEFT_OUT = "left out by a plan"
Shown = tuple[str, str, str]
"""A field, and what Pipeline and Xero show of it, as text."""


@dataclass(slots=True, kw_only=True)
class Span:
    """From the answer to one action until the next one was asked for: then it is in force."""

    what: str
    from_s: float
    until_s: float = math.inf
    stored_calls: Mapping[str, int] = field(default_factory=dict)
    """Calls stored by then, and how many of their sends: a switch holds for what comes after."""

    def is_now(self, at_s: float) -> bool:
        """Whether it is in force."""
        return self.from_s < at_s < self.until_s


@dataclass(slots=True, kw_only=True)
class LeftOut(Span):
    """What a plan that set the tenant live had not shown: these invoices wait for a word."""

    invoices: AbstractSet[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCommand:
    """A command given at `began_s`; whatever it does is done by `ended_s`."""

    began_s: float
    ended_s: float

    def covers(self, at_s: float) -> bool:
        """Whether it may be its doing."""
        return self.began_s <= at_s <= self.ended_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(OperatorCommand):
    """One side of an invoice was taken. `shown` is what differed in the books around it.

    `documents` stood for it then, `dead` are those that were void or deleted; `left` is the version
    in which it was deleted in Pipeline, 0 when it was not.
    """

    invoice: str
    take: str
    shown: AbstractSet[Shown] = frozenset()
    documents: AbstractSet[str] = frozenset()
    dead: AbstractSet[str] = frozenset()
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """The hours between a backup and its restore: what was written then, the store never knew."""

    taken_s: float
    restored_s: float

    def covers(self, at_s: float) -> bool:
        """Whether this instant lies in them."""
        return self.taken_s <= at_s <= self.restored_s


@dataclass(slots=True)
class OperatorWitness:
    """Everything the judges may have to know of him; `violations` are what he was shown wrongly."""

    spans: list[Span] = field(default_factory=list)
    refreshes: list[OperatorCommand] = field(default_factory=list)
    """One that failed is tried again by itself, until it succeeds."""
    decisions: list[Decision] = field(default_factory=list)
    forgotten: list[Forgotten] = field(default_factory=list)
    released: dict[str, list[float]] = field(default_factory=dict)
    """By document in Xero, when a change of it was let pass."""
    unseen_releases: Counter[float] = field(default_factory=Counter)
    """By instant, how many more documents a release let pass than its list had shown."""
    linked: set[str] = field(default_factory=set)
    """Customers he has linked to a contact that stood there."""
    steps: list[tuple[float, float]] = field(default_factory=list)
    """When the machine's clock was set, and by how much."""
    violations: list[str] = field(default_factory=list)
    sometimes: Counter[str] = field(default_factory=Counter)

    def begins(self, what: str, at_s: float, stored: Mapping[str, int] | None = None) -> None:
        """From here on it is in force, but for sends that are stored already: so many a key."""
        self.spans.append(Span(what=what, from_s=at_s, stored_calls=stored or {}))

    def ends(self, what: str, at_s: float) -> None:
        """It may be over from here on."""
        for span in self.spans:
            if span.what == what:
                span.until_s = min(span.until_s, at_s)

    def word_said(self, at_s: float) -> None:
        """Somebody asked for what was left out; for how much of it, is not told apart."""
        self.ends(LEFT_OUT, at_s)

    def left_out(self, at_s: float) -> AbstractSet[str]:
        """The invoices that no plan has shown yet, nor anybody asked for."""
        waiting = [each for each in self.spans if isinstance(each, LeftOut)]
        return frozenset().union(*(each.invoices for each in waiting if each.is_now(at_s)))

    def restored(self, taken_s: float, at_s: float) -> None:
        """Another store lives: what was in force in the old one is not known in it."""
        self.forgotten.append(Forgotten(taken_s=taken_s, restored_s=at_s))
        for span in self.spans:
            span.until_s = min(span.until_s, at_s)

    def in_force(self, at_s: float, key: str = "", sends: int = 0) -> list[str]:
        """What holds now, for a call that leaves under this key and has left so often before."""
        return [
            each.what
            for each in self.spans
            if each.is_now(at_s)
            and each.what != LEFT_OUT
            and sends >= each.stored_calls.get(key, 0)
        ]

    def is_pressed(self, issued_s: float, at_s: float) -> bool:
        """Whether Refresh Token was pressed for what was issued then, and this may be it.

        What is issued while the command is on its way is what the daemon has when it comes.
        """
        return any(
            issued_s - REACHES_WITHIN_S <= each.began_s and each.covers(at_s)
            for each in self.refreshes
        )

    def is_forgotten(self, at_s: float) -> bool:
        """Whether the store that lives has never known of this instant."""
        return any(each.covers(at_s) for each in self.forgotten)

    def was_set(self, since_s: float, at_s: float) -> bool:
        """Whether the machine's clock was set in between: then no age can be told by it."""
        return any(since_s <= when_s <= at_s for when_s, _ in self.steps)

    @property
    def kept(self) -> Mapping[str, AbstractSet[Shown]]:
        """By invoice, the differences that stay by decision."""
        found: dict[str, set[Shown]] = {}
        for each in self.decisions:
            if each.take == "xero":
                found.setdefault(each.invoice, set()).update(each.shown)
        return found

    @property
    def left(self) -> AbstractSet[tuple[str, int]]:
        """Invoices deleted in Pipeline, in that version, whose document stays by decision."""
        return {(each.invoice, each.left) for each in self.decisions if each.take == "xero"}

    @property
    def let_go(self) -> AbstractSet[str]:
        """Dead documents in whose place another was to be created."""
        taken = [each.dead for each in self.decisions if each.take == "pipeline"]
        return frozenset().union(*taken)
