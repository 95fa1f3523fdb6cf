"""XML as old clients send it, and as Xero answers whoever does not ask for JSON (facts §3.1).

Called by `envelope` for bodies and by the gateway for answers. One element of XML is one of JSON:
lists wrap each of theirs in its singular name, everything else is text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

LISTS = frozenset(
    {"LineItems", "Tracking", "Addresses", "Phones", "ContactPersons", "Allocations", "Payments"}
)


def is_xml(content_type: str) -> bool:
    """Whether a body of that type is XML, by itself or in a form's `xml`."""
    return "xml" in content_type or "form-urlencoded" in content_type


def read(body: bytes, content_type: str) -> Any:
    """The elements of a body in the shape that JSON gives them. Raises ValueError."""
    if "form-urlencoded" in content_type:
        body = "".join(parse_qs(body.decode()).get("xml", [])).encode()
    try:
        root = fromstring(body)  # noqa: S314 - a pretend world, and its own user's file
    except ParseError as wrong:
        raise ValueError(str(wrong)) from wrong
    if any(len(each) for each in root) and all(root.tag.startswith(each.tag[:-1]) for each in root):
        return {root.tag: [_value(each) for each in root]}
    return _value(root)


def written(name: str, value: Any) -> bytes:
    """A JSON value as XML, under that name."""
    root = Element(name)
    _fill(root, value)
    return tostring(root, encoding="unicode").encode()


def _value(element: Element) -> Any:
    if element.tag in LISTS:
        return [_value(each) for each in element]
    if len(element):
        return {each.tag: _value(each) for each in element}
    return element.text or ""


def _fill(element: Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, own in value.items():
            _fill(SubElement(element, name), own)
    elif isinstance(value, list):
        for own in value:
            _fill(SubElement(element, _singular(element.tag)), own)
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return f"{plural.removesuffix('ies')}y"
    return plural.removesuffix("es" if plural.endswith("sses") else "s")
