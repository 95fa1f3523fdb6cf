"""The `where` and `order` languages of Xero's lists (facts §3.4).

Called by the lists. A condition is compiled once into a function of a document; what a name means
is given by the caller as a table of fields. Strings compare without regard to case.

    Status=="AUTHORISED" AND (Date>=DateTime(2026,11,1) || Contact.Name.Contains("acme"))
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

Condition = Callable[[Any], bool]
Field = Callable[[Any], Any]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"[^"]*") | (?P<number>-?\d+(?:\.\d+)?) | (?P<sign>==|!=|>=|<=|&&|\|\||[<>(),])
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda whole, part: part in whole,
    "startswith": lambda whole, part: whole.startswith(part),
    "endswith": lambda whole, part: whole.endswith(part),
}
_DEEPEST = 40
_END = ("end", "")


class QueryRefused(Exception):
    """A `where` or `order` that cannot be read; the message says where it went wrong."""


def compile_where(text: str, fields: Mapping[str, Field]) -> Condition:
    """The condition as a function of a document; `fields` has lower-case keys.

    Raises QueryRefused.
    """
    reader = _Reader(text, fields)
    condition = reader.either(0)
    if reader.token != _END:
        raise QueryRefused(f"Unexpected '{reader.token[1]}' in where clause")
    return condition


def compile_order(text: str, fields: Mapping[str, Field]) -> list[tuple[Field, bool]]:
    """The sort keys of `Field [ASC|DESC], …`, each with whether it descends.

    Raises QueryRefused.
    """
    keys = []
    for part in text.split(","):
        words = part.split()
        directions = {"ASC": False, "DESC": True}
        direction = words[1].upper() if len(words) > 1 else "ASC"
        if not words or len(words) > 2 or direction not in directions:  # noqa: PLR2004 - name, way
            raise QueryRefused(f"Cannot read order '{part.strip()}'")
        if words[0].lower() not in fields:
            raise QueryRefused(f"No property or field '{words[0]}' exists")
        keys.append((fields[words[0].lower()], directions[direction]))
    return keys


def sort_key(value: Any) -> tuple[int, Any]:
    """A key that lets absent values come first and text ignore case."""
    settled = _settle(value)
    return (0, 0) if settled is None else (1, settled)


def _settle(value: Any) -> Any:
    match value:
        case str():
            return value.casefold()
        case datetime():
            return value
        case date():
            return datetime.combine(value, time(), tzinfo=UTC)
    return value


class _Reader:
    """Reads one condition from left to right."""

    def __init__(self, text: str, fields: Mapping[str, Field]) -> None:
        self._tokens = self._split(text)
        self._fields = fields
        self._place = 0
        self.token: tuple[str, str] = self._tokens[0]

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, place, text = [], 0, text.strip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise QueryRefused(f"Syntax error at character {place} of where clause")
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
            place = match.end()
        return [*tokens, _END]

    def _next(self) -> tuple[str, str]:
        taken = self.token
        self._place = min(self._place + 1, len(self._tokens) - 1)
        self.token = self._tokens[self._place]
        return taken

    def _expect(self, sign: str) -> None:
        taken = self._next()
        if taken != ("sign", sign):
            raise QueryRefused(f"'{sign}' expected, found '{taken[1]}'")

    def either(self, depth: int) -> Condition:
        """`a OR b OR …`."""
        left = self._both(depth)
        while self.token == ("sign", "||") or self._is_word("or"):
            self._next()
            left = _any(left, self._both(depth))
        return left

    def _both(self, depth: int) -> Condition:
        left = self._one(depth)
        while self.token == ("sign", "&&") or self._is_word("and"):
            self._next()
            left = _all(left, self._one(depth))
        return left

    def _is_word(self, word: str) -> bool:
        return self.token[0] == "word" and self.token[1].lower() == word

    def _one(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise QueryRefused("where clause is nested too deeply")
        if self.token == ("sign", "("):
            self._next()
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        kind, word = self._next()
        if kind != "word":
            raise QueryRefused(f"A property was expected, found '{word}'")
        head, _, method = word.rpartition(".")
        if method.lower() in _METHODS and head and self.token == ("sign", "("):
            return self._method(self._field(head), method.lower())
        return self._comparison(self._field(word))

    def _field(self, name: str) -> Field:
        field = self._fields.get(name.lower())
        if field is None:
            raise QueryRefused(f"No property or field '{name}' exists")
        return field

    def _method(self, field: Field, method: str) -> Condition:
        self._expect("(")
        kind, part = self._next()
        if kind != "text":
            raise QueryRefused(f"A string was expected, found '{part}'")
        self._expect(")")
        test, wanted = _METHODS[method], part[1:-1].casefold()
        return lambda document: test(str(field(document) or "").casefold(), wanted)

    def _comparison(self, field: Field) -> Condition:
        kind, sign = self.token
        if kind != "sign" or sign not in _COMPARE:
            return lambda document: field(document) is True
        self._next()
        compare, wanted = _COMPARE[sign], _settle(self._literal())
        if sign in {"==", "!="}:
            return lambda document: compare(_settle(field(document)), wanted)
        return lambda document: _ordered(compare, _settle(field(document)), wanted)

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1]
        if kind == "number":
            return Decimal(text)
        words = {"true": True, "false": False, "null": None}
        if kind == "word" and text.lower() in words:
            return words[text.lower()]
        if kind == "word" and text.lower() in {"guid", "datetime"}:
            return self._call(text.lower())
        raise QueryRefused(f"A value was expected, found '{text}'")

    def _call(self, name: str) -> Any:
        self._expect("(")
        arguments = [self._next()]
        while self.token == ("sign", ","):
            self._next()
            arguments.append(self._next())
        self._expect(")")
        if name == "guid" and [kind for kind, _ in arguments] == ["text"]:
            return arguments[0][1][1:-1]
        if name == "datetime" and all(kind == "number" for kind, _ in arguments):
            try:
                parts = [int(text) for _, text in arguments] + [0, 0, 0]
                year, month, day, hour, minute, second = parts[:6]
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            except ValueError as wrong:
                raise QueryRefused(f"Not a DateTime: {wrong}") from wrong
        raise QueryRefused(f"Cannot read the arguments of {name}")


def _any(left: Condition, right: Condition) -> Condition:
    return lambda document: left(document) or right(document)


def _all(left: Condition, right: Condition) -> Condition:
    return lambda document: left(document) and right(document)


def _ordered(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    try:
        return value is not None and wanted is not None and compare(value, wanted)
    except TypeError:
        return False
