"""Whose a document in Xero says it is, read by the judges' own eyes from its Url."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def invoice_marked(url: str) -> str | None:
    """The Pipeline invoice a Url names and syncd has signed; None for anybody else's."""
    parts = urlsplit(url)
    named = _UUID.findall(parts.path.lower())
    return named[-1] if named and parse_qs(parts.query).get("syncd") else None
