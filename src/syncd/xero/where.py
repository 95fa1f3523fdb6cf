"""Looking things up by text: queries whose encoded length is bounded, for any text a user may type.

Called by `ledger`. A plain invoice number goes into the list `InvoiceNumbers=a,b`; one that a list
would break goes by `where`. Xero's `where` compares text without regard to case, and documents no
way to write a quote inside a quoted text (facts §3.4). So a text with a quote or a backslash is
asked for by the parts between them, which can only find too much: callers keep what they wanted.
Such a condition asks first whether the field is there: a row without it would fail the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

MOST_QUERY_BYTES = 1800
"""Of one encoded parameter. Xero took 52 ids of 36 characters and refused more (facts §3.4)."""

_UNWRITABLE = re.compile(r'["\\]')


def encoded(text: str) -> str:
    """`text` as it may stand in a query."""
    return quote(text, safe="")


def fits_list(text: str) -> bool:
    """Whether a comma-separated list gives `text` back as it is, and has room for it."""
    is_whole = "," not in text and text == text.strip() and not _UNWRITABLE.search(text)
    return bool(text) and is_whole and len(encoded(text)) <= MOST_QUERY_BYTES


def same(field: str, text: str) -> str:
    """A condition that every object whose `field` is `text` fulfils, and that fits a query."""
    exact = _exactly(field, text)
    if len(encoded(exact)) <= MOST_QUERY_BYTES:
        return exact
    beginning = _beginning(max(_UNWRITABLE.split(text), key=len))
    return _where_there(field, f'{field}.Contains("{beginning}")')


def _exactly(field: str, text: str) -> str:
    if not _UNWRITABLE.search(text):
        return f'{field}=="{text}"'
    parts = [part for part in _UNWRITABLE.split(text) if part]
    if not parts:
        return f"{field}!=null"
    if len(parts) == 1 or not (text.startswith(parts[0]) and text.endswith(parts[-1])):
        return _where_there(field, f'{field}.Contains("{max(parts, key=len)}")')
    begins, ends = f'{field}.StartsWith("{parts[0]}")', f'{field}.EndsWith("{parts[-1]}")'
    return _where_there(field, f"{begins} AND {ends}")


def _where_there(field: str, condition: str) -> str:
    """The condition for rows that have the field at all (facts §3.4, `where` and null)."""
    return f"({field}!=null AND {condition})"


def _beginning(text: str) -> str:
    """As much of `text` as half a query holds."""
    size = 0
    for place, letter in enumerate(text):
        size += len(encoded(letter))
        if size > MOST_QUERY_BYTES // 2:
            return text[:place]
    return text


def chunks(
    parts: Sequence[str],
    glue: str,
    *,
    most_bytes: int = MOST_QUERY_BYTES,
    most_parts: int = 40,
    measure: Callable[[str], int] = lambda text: len(encoded(text)),
) -> Iterable[str]:
    """`parts` glued together into as few texts as keep below the bounds, in order.

    A part longer than `most_bytes` goes alone.
    """
    held: list[str] = []
    size = 0
    for part in parts:
        more = measure(part) + (measure(glue) if held else 0)
        if held and (size + more > most_bytes or len(held) >= most_parts):
            yield glue.join(held)
            held, size, more = [], 0, measure(part)
        held.append(part)
        size += more
    if held:
        yield glue.join(held)
