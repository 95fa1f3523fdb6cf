"""What Xero makes of what it takes, without a word: dropped, trimmed, in another order.

Called for every element of an API call that writes invoices or contacts, before it is looked at; a
bookkeeper writes is taken as it is. Which of it happens is said by switches (facts §3.5, §3.7,
§4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.xero.ledger.switches import Switches

_TEXTS = ("Reference", "InvoiceNumber")
_NAMES = ("Name", "FirstName", "LastName")
_BEYOND_PLAIN = 0xFFFF
"""Emoji stand above it."""


def invoice_taken(sent: Mapping[str, Any], switches: Switches) -> dict[str, Any]:
    """The invoice as Xero takes it."""
    element = dict(sent)
    for name in _TEXTS:
        if isinstance(element.get(name), str):
            element[name] = _text(element[name], switches)
    lines = element.get("LineItems")
    if isinstance(lines, list) and all(isinstance(each, Mapping) for each in lines):
        element["LineItems"] = _ordered([_line(each, switches) for each in lines], switches)
    return element


def contact_taken(sent: Mapping[str, Any], switches: Switches) -> dict[str, Any]:
    """The contact as Xero takes it."""
    element = dict(sent)
    for name in _NAMES:
        if isinstance(element.get(name), str) and switches.drops_emoji:
            element[name] = _plain(element[name]).strip()
    if switches.cuts_names and isinstance(element.get("Name"), str):
        element["Name"] = element["Name"][: switches.cuts_names].rstrip()
    if switches.drops_phones:
        element.pop("Phones", None)
    return element


def _line(sent: Mapping[str, Any], switches: Switches) -> Mapping[str, Any]:
    line = dict(sent)
    if isinstance(line.get("Description"), str):
        line["Description"] = _text(line["Description"], switches)
    if switches.drops_tracking and "Tracking" in line:
        line["Tracking"] = []
    return line


def _ordered(lines: list[Mapping[str, Any]], switches: Switches) -> list[Mapping[str, Any]]:
    """New lines before those that stay, or all as they were sent."""
    new = [each for each in lines if not each.get("LineItemID")]
    if switches.reverses_new_lines:
        new.reverse()
    if switches.new_lines_first or len(new) == len(lines):
        return [*new, *(each for each in lines if each.get("LineItemID"))]
    fresh = iter(new)
    return [each if each.get("LineItemID") else next(fresh) for each in lines]


def _text(text: str, switches: Switches) -> str:
    if switches.drops_emoji:
        text = _plain(text)
    return text.strip() if switches.trims_texts else text


def _plain(text: str) -> str:
    return "".join(each for each in text if ord(each) <= _BEYOND_PLAIN)
