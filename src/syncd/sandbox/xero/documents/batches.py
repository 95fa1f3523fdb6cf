"""Writing many elements in one call, both ways of `summarizeErrors` (facts §3.3).

Called by every resource that takes batches. An element is checked (without touching the books),
then saved. With `summarizeErrors=false` each stands alone and the answer is 200; otherwise one bad
element makes it 400, which lists the bad, and the good are saved (a switch).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call


@dataclass(slots=True)
class Claims:
    """What earlier elements of an all-or-nothing batch will have taken."""

    numbers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    contact_numbers: set[str] = field(default_factory=set)
    account_numbers: set[str] = field(default_factory=set)
    paid: dict[str, Decimal] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Checked:
    """One element after its check. `save` writes it and gives its answer; `echo` is a refusal's."""

    errors: list[str]
    echo: Callable[[], dict[str, Any]]
    save: Callable[[], dict[str, Any]]
    warnings: list[str] = field(default_factory=list)
    response: Response | None = None


Check = Callable[[dict[str, Any], Claims], Checked]


def write(
    call: Call, plural: str, flag: str, elements: list[dict[str, Any]], check: Check
) -> Response:
    """Write the elements and answer. `flag` is HasErrors or HasValidationErrors."""
    if call.summarizes:
        return _together(call, plural, flag, elements, check)
    rows = []
    for element in elements:
        checked = check(element, Claims())
        _stop(checked)
        if checked.errors:
            row = _refused(checked, flag, {"StatusAttributeString": "ERROR"})
        else:
            word = "WARNING" if checked.warnings else "OK"
            row = _saved(call, checked, {"StatusAttributeString": word})
        rows.append(row)
    if call.switches.answers_by_date:
        rows.sort(key=lambda row: str(row.get("DateString", "")))
    return call.ok(plural, rows)


def _together(
    call: Call, plural: str, flag: str, elements: list[dict[str, Any]], check: Check
) -> Response:
    claims = Claims()
    looked_at = [check(element, claims) for element in elements]
    for checked in looked_at:
        _stop(checked)
    failed = [checked for checked in looked_at if checked.errors]
    if failed and not call.switches.save_good_on_400:
        return envelope.invalid([_refused(checked, flag, {}) for checked in failed])
    rows = []
    for element, checked in zip(elements, looked_at, strict=True):
        if not checked.errors:
            # Looked at again: an element before it may have changed the same document.
            again = check(element, Claims())
            if again.errors:
                failed.append(again)
                continue
            rows.append(_saved(call, again, {}))
    if failed:
        return envelope.invalid([_refused(checked, flag, {}) for checked in failed])
    return call.ok(plural, rows)


def _saved(call: Call, checked: Checked, status: dict[str, str]) -> dict[str, Any]:
    row = checked.save() | status
    if checked.warnings:
        row["Warnings"] = [{"Message": text} for text in checked.warnings]
    call.count_saved()
    return row


def _refused(checked: Checked, flag: str, status: dict[str, str]) -> dict[str, Any]:
    row = checked.echo() | {flag: True} | status
    row["ValidationErrors"] = [{"Message": text} for text in checked.errors]
    if flag == "HasErrors":
        row["Warnings"] = []
    return row


def _stop(checked: Checked) -> None:
    if checked.response is not None:
        raise envelope.Refusal(checked.response)
