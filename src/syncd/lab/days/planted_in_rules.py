"""Bugs to plant in the pure rules: budgets, pages, money, lines, merges, brakes, backing off.

Listed and applied by `mutants`; each function's docstring says what is wrong with its bug.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from syncd.domain.rules.compare import line_joining
from syncd.domain.rules.contacts import matching
from syncd.domain.rules.decide import write_builder
from syncd.domain.rules.inbound import change_cursor, payment_diff
from syncd.domain.rules.inbound.change_cursor import ListPosition
from syncd.domain.rules.limits import brake
from syncd.domain.rules.limits.allowance import Allowance
from syncd.domain.rules.queue import backoff
from syncd.engine.invoices import contact_merges

Replacement = tuple[Any, str, Callable[..., Any]]
"""A module or class, the name of a function in it, and what stands there instead."""
Planted = Callable[[], Iterator[Replacement]]


def _no_backoff() -> Iterator[Replacement]:
    """What failed is tried again at once, as often as it fails."""
    yield backoff, "delay_s", lambda *_, **__: 0.0


def _six_at_once() -> Iterator[Replacement]:
    """One call more at once than Xero allows."""
    really_slots = Allowance._slots_at  # noqa: SLF001 - what a mutant is
    yield Allowance, "_slots_at", lambda self, now_s: really_slots(self, now_s) + 1


def _minute_off_by_one() -> Iterator[Replacement]:
    """The minute's count leaves one call out."""
    really_used = Allowance._used  # noqa: SLF001 - what a mutant is
    yield Allowance, "_used", lambda self, now_s: max(0, really_used(self, now_s) - 1)


def _credit_counted_twice() -> Iterator[Replacement]:
    """What was credited counts as paid as well."""
    really_amounts: Any = payment_diff.amounts

    def amounts(live: Any, read: Any) -> Any:
        paid, credited, due = really_amounts(live, read)
        return (paid if live is None else paid + credited), credited, due

    yield payment_diff, "amounts", amounts


def _page_lost() -> Iterator[Replacement]:
    """A crowd of rows of one second is read forward only: a row that moved up is never read."""
    really_next_place = change_cursor.next_place

    def next_place(place: Any, last_at: Any, *, is_last: Any) -> Any:
        found = really_next_place(place, last_at, is_last=is_last)
        if found is None or not found.is_back:
            return found
        return None if found.beyond is None else ListPosition(since=found.beyond)

    yield change_cursor, "next_place", next_place


def _merge_not_followed() -> Iterator[Replacement]:
    """A contact that was merged into another stays the customer's."""

    async def followed(_: Any, known: Any, __: Any) -> Any:
        return tuple(known)

    yield matching, "_end_of_merges", lambda first, _: first
    yield contact_merges, "followed", followed


def _lines_by_place() -> Iterator[Replacement]:
    """Xero's lines are taken to come in the order they were sent in."""

    def join(mine: Any, theirs: Any) -> Any:
        return [place if place < len(theirs) else None for place in range(len(mine))]

    yield line_joining, "join", join


def _discount_lost() -> Iterator[Replacement]:
    """A line's discount is not sent."""
    really_new_line = write_builder._new_line  # noqa: SLF001 - what a mutant is
    yield (
        write_builder,
        "_new_line",
        lambda *line: replace(really_new_line(*line), discount_rate=None),
    )


def _brake_counts_batches() -> Iterator[Replacement]:
    """However many documents one batch takes away, the brake counts one."""
    really_removed = brake._removed  # noqa: SLF001 - what a mutant is
    yield brake, "_removed", lambda would: min(1, really_removed(would))


RULES: Mapping[str, Planted] = {
    "no-backoff": _no_backoff,
    "six-at-once": _six_at_once,
    "minute-off-by-one": _minute_off_by_one,
    "credit-counted-twice": _credit_counted_twice,
    "page-lost": _page_lost,
    "merge-not-followed": _merge_not_followed,
    "lines-by-place": _lines_by_place,
    "discount-lost": _discount_lost,
    "brake-counts-batches": _brake_counts_batches,
}
"""Planted bugs of the rules by name."""
