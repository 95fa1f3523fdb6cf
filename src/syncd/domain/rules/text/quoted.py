"""Another system's words, fit to be kept and shown: one line, short, nothing but letters in it.

Called at the border by both adapters for every error text a remote sent. Commands for a terminal,
marks that turn writing around and line ends are left out; what is long is cut.
"""

from __future__ import annotations

LONGEST = 300
_CUT = "…"


def quoted(text: str, *, longest: int = LONGEST) -> str:
    """`text` as it may stand in a sentence of ours; empty when nothing is left of it."""
    head = text[: longest * 4]
    plain = " ".join("".join(c if c.isprintable() else " " for c in head).split())
    return plain if len(plain) <= longest else plain[: longest - 1] + _CUT
