"""Reads JSON of others, and cuts it into its parts where no parser takes it as a whole.

Called by the wire rooms of both adapters. When an answer cannot be read in one piece, one element
with half an emoji, a broken number or a thousand levels of nesting must not cost its neighbours.
There only strings and brackets are looked at, never recursively; what stands between them is left
as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

MOST_TOKENS = 1_000_000
"""So many strings and brackets are looked at in one text: a bound on the time it takes."""
REPLACEMENT = b"\\ufffd"
"""What stands for the half of a character whose other half is missing."""
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},:]', re.DOTALL)
_SURROGATES = re.compile(
    rb"(?P<kept>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\[^u])"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_TYPE = re.compile(r"`([^`]*)`")
_TYPES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "null": "nothing",
    "array": "a list",
    "object": "an object",
    "datetime": "an instant",
    "date": "a date",
}
_LENGTH = re.compile(r"(a list|a text|) ?of length (<=|>=) (\d+)")
_OPENING, _CLOSING = b"[{", b"]}"


_ANY_OBJECT = msgspec.json.Decoder(dict[str, Any])


class Unreadable(ValueError):
    """The text is not what was expected; `field` says where, `what` in words why."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.what = what


class NotJson(ValueError):
    """The text is not even brackets and strings in their right order."""


def read(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """The body as `decoder` reads it, halves of characters replaced. Raises Unreadable."""
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            return decoder.decode(mended(bytes(body)))
    except msgspec.ValidationError as error:
        what, _, field = str(error).partition(" - at ")
        raise Unreadable(field.strip("`").removeprefix("$.") or "$", in_words(what)) from error
    except RecursionError as error:
        raise Unreadable("$", "nested deeper than anything this contract knows") from error
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise Unreadable("$", f"no readable JSON ({in_words(str(error))})") from error


def readable(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T | None:
    """The body as `decoder` reads it; None where it cannot."""
    try:
        return read(decoder, body)
    except Unreadable:
        return None


def object_of(body: bytes) -> dict[str, Any]:
    """An object as it stands; empty where the body is none."""
    return readable(_ANY_OBJECT, body) or {}


def mended(text: bytes) -> bytes:
    """`text` with every half of a character replaced, as a browser would show it."""
    return _SURROGATES.sub(lambda found: found["kept"] or REPLACEMENT, text)


def in_words(what: str) -> str:
    """The parser's words without its types and quotes."""
    plain = _TYPE.sub(lambda one: " or ".join(map(_name_of, one[1].split(" | "))), what)
    plain = _LENGTH.sub(_size, plain)
    return f"{plain[:1].lower()}{plain[1:]}"


def _size(found: re.Match[str]) -> str:
    what = f"{found[1]} " if found[1] else ""
    counted = "elements" if found[1] == "a list" else "characters"
    return f"{what}of {'at most' if found[2] == '<=' else 'at least'} {found[3]} {counted}"


def apart(text: bytes, name: str) -> tuple[bytes, list[bytes] | None]:
    """An object without the elements of its list `name`, and those; None where it has no such list.

    Halves of characters are replaced in both.
    """
    try:
        own = _members(mended(text))
        listed = elements(own.pop(name, b""))
    except NotJson:
        return text, None
    rest = b",".join(b'"%s":%s' % (each.encode(), value) for each, value in own.items())
    shut = b'{"%s":[]%s%s}' % (name.encode(), b"," if rest else b"", rest)
    return shut, listed


def elements(text: bytes) -> list[bytes]:
    """The elements of a list, each as its own text. Raises NotJson."""
    return [value for _, value in _parts(text, b"[")]


def members(text: bytes) -> dict[str, bytes]:
    """The members of an object by name, each as its own text; none where it is no object.

    A name is compared as it is written: one that is spelt with escapes is not recognised.
    """
    try:
        return _members(text)
    except NotJson:
        return {}


def _members(text: bytes) -> dict[str, bytes]:
    return {
        name.strip()[1:-1].decode("utf-8", "replace"): value for name, value in _parts(text, b"{")
    }


def _parts(text: bytes, opening: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names (empty in a list) and values on the first level."""
    start = _start(text, opening)
    depth, name, began = 0, b"", start + 1
    for count, token in enumerate(_TOKEN.finditer(text, start)):
        if count > MOST_TOKENS:
            raise NotJson(f"more than {MOST_TOKENS} strings and brackets")
        sign = token[0]
        if sign == b'"':
            raise NotJson("a text in it does not end")
        if sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
            if not depth:
                yield from _part(name, text[began : token.start()])
                return
        elif depth == 1 and sign == b":":
            name, began = text[began : token.start()], token.end()
        elif depth == 1 and sign == b",":
            yield from _part(name, text[began : token.start()])
            name, began = b"", token.end()
    raise NotJson("it does not end")


def _name_of(kind: str) -> str:
    return _TYPES.get(kind, kind)


def _start(text: bytes, opening: bytes) -> int:
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] != opening:
        raise NotJson(f"expected {opening.decode()} at its beginning")
    return start


def _part(name: bytes, value: bytes) -> Iterator[tuple[bytes, bytes]]:
    if value.strip():
        yield name, value.strip()
