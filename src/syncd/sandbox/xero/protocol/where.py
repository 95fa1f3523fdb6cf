"""The `where` and `order` languages of Xero's lists (facts §3.4).

Called by the lists. A condition is compiled once into a function of a document; what a name means
is given by the caller as a table of fields. It is Microsoft's Dynamic LINQ: strings compare without
regard to case, a quote in one is doubled, and a method on what is not there throws.

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
      (?P<text>"(?:[^"]|"")*") | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<sign>==|!=|>=|<=|&&|\|\||[=<>(),]|\.(?=[A-Za-z]))
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_LITERALS = ("true", "false", "null", "guid", "datetime", "datetime.parse")
_EQUALITY = ("==", "=", "!=")
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda whole, part: part in whole,
    "startswith": lambda whole, part: whole.startswith(part),
    "endswith": lambda whole, part: whole.endswith(part),
}
_DEEPEST = 40
_END = ("end", "")


class Guid(str):
    """An id in a condition: it compares with ids alone."""

    __slots__ = ()


class NullMember(Exception):
    """A method was asked of a text that a document does not have (facts §3.4)."""


class QueryRefused(Exception):
    """A `where` or `order` that cannot be read; the message says where it went wrong."""


def compile_where(text: str, fields: Mapping[str, Field], kind: str = "Invoice") -> Condition:
    """The condition as a function of a document of this kind; `fields` has lower-case keys.

    Raises QueryRefused; the function QueryRefused and NullMember.
    """
    reader = _Reader(text, fields, kind)
    condition = reader.either(0)
    if reader.token != _END:
        raise QueryRefused("Syntax error")
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

    def __init__(self, text: str, fields: Mapping[str, Field], kind: str) -> None:
        self._kind = kind
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
                raise QueryRefused(_unreadable(text[place:].lstrip()))
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
            raise QueryRefused(f"'{sign}' expected")

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
        value, is_test = self._value()
        if self.token[0] == "sign" and self.token[1] in _COMPARE:
            return self._comparison(value)
        return value if is_test else (lambda document: value(document) is True)

    def _value(self) -> tuple[Field, bool]:
        """A field or a literal, made over by methods; and whether it is a test by itself."""
        kind, word = self.token
        if kind != "word" or word.lower() in _LITERALS:
            literal = self._literal()
            return (lambda _: literal), False
        self._next()
        head, _, method = word.rpartition(".")
        if self.token != ("sign", "("):
            value, is_test = self._field(word), False
        else:
            value, is_test = self._called(self._field(head or word), method)
        while self.token == ("sign", "."):
            self._next()
            value, is_test = self._called(value, self._next()[1])
        return value, is_test

    def _field(self, name: str) -> Field:
        field = self._fields.get(name.lower())
        if field is None:
            raise QueryRefused(f"No property or field '{name}' exists in type '{self._kind}'")
        return field

    def _called(self, value: Field, method: str) -> tuple[Field, bool]:
        """A method of a text, with texts for arguments; what is null has none."""
        arguments = self._arguments()
        match method.lower(), arguments:
            case "tostring", []:
                return (lambda document: _there(value(document))), False
            case "replace", [old, new]:
                return (lambda document: str(_there(value(document))).replace(old, new)), False
            case name, [part] if name in _METHODS:
                test, wanted = _METHODS[name], part.casefold()
                return (
                    lambda document: test(str(_there(value(document))).casefold(), wanted)
                ), True
        raise QueryRefused(f"No applicable method '{method}' exists in type 'String'")

    def _arguments(self) -> list[str]:
        self._expect("(")
        found: list[str] = []
        while self.token != ("sign", ")"):
            if found:
                self._expect(",")
            kind, text = self._next()
            if kind != "text":
                raise QueryRefused("Expression expected")
            found.append(_unquoted(text))
        self._next()
        return found

    def _comparison(self, value: Field) -> Condition:
        sign = self._next()[1]
        compare, (other, _) = _COMPARE[sign], self._value()
        if sign in _EQUALITY:
            return lambda document: compare(*_pair(sign, value(document), other(document)))
        return lambda document: _ordered(compare, *_pair(sign, value(document), other(document)))

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return _unquoted(text)
        if kind == "number":
            return Decimal(text)
        words = {"true": True, "false": False, "null": None}
        if kind == "word" and text.lower() in words:
            return words[text.lower()]
        if kind == "word" and text.lower() in _LITERALS:
            return self._call(text.lower())
        raise QueryRefused("Expression expected")

    def _call(self, name: str) -> Any:
        self._expect("(")
        arguments = [self._next()]
        while self.token == ("sign", ","):
            self._next()
            arguments.append(self._next())
        self._expect(")")
        try:
            if name == "guid" and [kind for kind, _ in arguments] == ["text"]:
                return Guid(_unquoted(arguments[0][1]))
            if name == "datetime.parse" and [kind for kind, _ in arguments] == ["text"]:
                found = datetime.fromisoformat(_unquoted(arguments[0][1]))
                return found if found.tzinfo else found.replace(tzinfo=UTC)
            if name == "datetime" and all(kind == "number" for kind, _ in arguments):
                parts = [int(text) for _, text in arguments] + [0, 0, 0]
                year, month, day, hour, minute, second = parts[:6]
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError as wrong:
            raise QueryRefused(f"Not a DateTime: {wrong}") from wrong
        raise QueryRefused(f"No applicable constructor exists in type '{name}'")


def _unquoted(text: str) -> str:
    """A text as it was meant: a quote in it stands there twice."""
    return text[1:-1].replace('""', '"')


def _unreadable(rest: str) -> str:
    """What is said of text that is no token."""
    if rest.startswith("'"):
        return "Character literal must contain exactly one character"
    return "Unterminated string literal" if rest.startswith('"') else "Syntax error"


def _there(value: Any) -> Any:
    if value is None:
        raise NullMember
    return value


def _pair(sign: str, left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides in comparable forms. Raises QueryRefused for a date or an id against a text."""
    pair = (_settle(left), _settle(right))
    for one, other in ((left, right), (right, left)):
        is_text = isinstance(other, str) and not isinstance(other, Guid)
        kind = "Guid" if isinstance(one, Guid) else "DateTime?" if isinstance(one, date) else None
        if kind is not None and is_text:
            raise QueryRefused(
                f"Operator '{sign}' incompatible with operand types '{kind}' and 'String'"
            )
    return pair


def _any(left: Condition, right: Condition) -> Condition:
    return lambda document: left(document) or right(document)


def _all(left: Condition, right: Condition) -> Condition:
    return lambda document: left(document) and right(document)


def _ordered(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    try:
        return value is not None and wanted is not None and compare(value, wanted)
    except TypeError:
        return False
