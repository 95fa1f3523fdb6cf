"""Judges what the store keeps for people's eyes: no class, call or lane is in it.

Such a word is an error's own text that found a way to a person past `rules.text.wording`. Journal,
notes, findings, what Pipeline was told and the connection's note are read as they stand. What Xero
said itself is quoted as it came, addresses included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_OURS = re.compile(
    r"\b_?[A-Z]\w*(?:Error|Exception|Dropped)\b"
    r"|\blane\b|\breserve\b"
    r"|\b(?:create|update|read|sweep|list|put|delete|exchange|refresh)_[a-z_]+\b"
    r"|\b(?:GET|PUT|POST|DELETE) (?:/|http)"
)
_MEANT = ("create_contacts",)
"""Names of choices, which a person may have to change."""


def judge(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Every text with such a word, given where it stands and what it says."""
    for place, text in texts:
        found = [match[0] for match in _OURS.finditer(text) if match[0] not in _MEANT]
        if found:
            yield f"words: {place} tells people {', '.join(found)}: {text[:200]}"
