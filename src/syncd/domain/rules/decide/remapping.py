"""Remapping: which codes of an agreed invoice would be other ones under today's mapping.

A changed mapping moves nothing by itself (`rules.compare.translation`). Asked for, it does: called
by `engine.plans.invoices` for `plan --remap`, and by applying such a plan, which stores the base
made here. In it Pipeline's codes count as if both had agreed on what Xero shows, so that today's
meaning is an edit of Pipeline's (row 13) that travels like any other, and survives a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from syncd.domain.model.planned import PlanField
from syncd.domain.model.snapshot import PUBLIC_LINE_NAMES, Base, Snapshot
from syncd.domain.model.value import Value
from syncd.domain.rules.compare.field_diff import line_key
from syncd.domain.rules.compare.line_alignment import AlignedLine, align

CODES = ("account", "tax")


class Remapped(Value, frozen=True, kw_only=True):
    """`base` under which the mapping's change counts as Pipeline's; `fields` are what it changes.

    `recoded` are lines whose code Xero changed since both agreed: those are nobody's to overwrite.
    """

    base: Base
    fields: tuple[PlanField, ...]
    recoded: tuple[PlanField, ...]


def remapped(base: Base, desired: Snapshot, live: Snapshot, expected: Snapshot) -> Remapped | None:
    """What the mapping changes; None when Xero shows what it says today.

    Differences that a person decided to keep stay decided.
    """
    if base.pipeline is None or base.xero is None:
        return None
    changes: dict[str, dict[str, Any]] = {}
    fields: list[PlanField] = []
    recoded: list[PlanField] = []
    rows = align(base=base, desired=desired, live=live, expected=expected)
    for place, row in enumerate(rows):
        for code in _differing(row, base.kept):
            xero = PlanField(
                field=f"lines[{place}].{PUBLIC_LINE_NAMES[code]}",
                before=getattr(row.xero, code),
                after=getattr(row.expected, code),
            )
            if getattr(row.base_xero, code) != getattr(row.xero, code):
                recoded.append(xero)
                continue
            fields.append(xero)
            assert row.base_pipeline is not None, "a line that both agreed on"
            changes.setdefault(row.base_pipeline.id, {})[code] = getattr(row.xero, code)
    if not fields and not recoded:
        return None
    lines = tuple(
        replace(line, **changes[line.id]) if line.id in changes else line
        for line in base.pipeline.lines
    )
    return Remapped(
        base=replace(base, pipeline=replace(base.pipeline, lines=lines)),
        fields=tuple(fields),
        recoded=tuple(recoded),
    )


def _differing(row: AlignedLine, kept: Sequence[str]) -> list[str]:
    """Codes of a line on both sides that mean something else today, and are not kept so."""
    sides = (row.pipeline, row.expected, row.xero, row.base_pipeline, row.base_xero)
    if any(side is None for side in sides):
        return []
    return [
        code
        for code in CODES
        if getattr(row.expected, code) is not None
        and getattr(row.expected, code) != getattr(row.xero, code)
        and line_key(row.key, code) not in kept
    ]
