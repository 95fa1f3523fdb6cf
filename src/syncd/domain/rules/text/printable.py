"""Text of others as it may be shown: what commands a terminal is written out, not obeyed.

A customer's name may hold an escape sequence that sets the window's title, clears the screen or
hides a link, or a mark that turns the order of what follows. Called by the command line, the pretty
log and the report's CSV.
"""

from __future__ import annotations

import re

_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line end, delete, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the order of writing
    "\u2028\u2029\ufff9-\ufffb\U000e0000-\U000e007f]"  # line ends of another kind, and unseen tags
)


def printable(text: str) -> str:
    """`text` with every control but tab and line end written out as its escape."""
    return _COMMANDS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code <= 0xFF:  # noqa: PLR2004  (two hex digits)
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  (four)
