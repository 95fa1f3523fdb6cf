"""What the type of an option says beside its Python type: bounds, what is expected, secrets.

They stand in `Annotated` types of `options` and `addresses`; `reading` asks them of each value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from syncd.domain.model.value import Value


class Secret:
    """A text that no repr, log or JSON ever shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


class Expected(Value, frozen=True, kw_only=True):
    """What a value of another type is answered with: `expected` these words."""

    words: str


class Form(Expected, frozen=True, kw_only=True):
    """A text of this form, or what is expected instead."""

    pattern: str

    def __call__(self, text: str) -> str:
        """The text. Raises ValueError for one of another form."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"expected {self.words}")
        return text


class Limit(Value, frozen=True, kw_only=True):
    """The bounds of a number, both allowed; not a number lies outside of any."""

    least: float
    most: float | None = None

    def __call__(self, value: float | Decimal) -> float | Decimal:
        """The value. Raises ValueError for one that lies outside."""
        if not value >= self.least:
            raise ValueError(f"expected {self.least} or more")
        if self.most is not None and value > self.most:
            raise ValueError(f"expected {self.most} or less")
        return value


class As(Value, frozen=True, kw_only=True, gc=True):
    """Reads a value whose parts say less than the whole. Raises ValueError."""

    read: Callable[[object], object]


def not_empty(text: str) -> str:
    """The text. Raises ValueError where there is none."""
    if not text:
        raise ValueError("expected text, and not nothing")
    return text


def finite(value: Decimal) -> Decimal:
    """The number. Raises ValueError for what is none."""
    if not value.is_finite():
        raise ValueError("expected a finite number")
    return value
