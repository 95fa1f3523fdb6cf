"""Whether a sent element has the shape of its kind: objects and lists where they belong.

Called by `envelope` for every write, so that no rule ever meets a list where a text should be. What
Xero says to such a body is not documented; here it is a PostDataInvalidException.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECTS = frozenset(
    {"Contact", "Invoice", "Account", "CreditNote", "Overpayment", "Prepayment", "Item"}
)
_LISTS = frozenset({"LineItems", "Tracking", "Addresses", "Phones", "ContactPersons"})


def error_of(element: Mapping[str, Any]) -> str | None:
    """What is wrong with the element's shape, or None. Names nobody reads may hold anything."""
    for name, value in element.items():
        if value is None:
            continue
        if name in _OBJECTS:
            if not isinstance(value, dict):
                return f"{name} is expected to be an object"
            inner = error_of(value)
        elif name in _LISTS:
            if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
                return f"{name} is expected to be a list of objects"
            inner = next((text for each in value if (text := error_of(each))), None)
        elif isinstance(value, dict | list) and value and not name.endswith("s"):
            return f"{name} is expected to be a single value"
        else:
            continue
        if inner is not None:
            return inner
    return None
