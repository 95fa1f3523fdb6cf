"""Whether a request that changes something comes from a page of ours.

Pure. A browser says where a request began; another port of this host is another site to us, though
not to its cookies.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def is_own(headers: Mapping[str, str]) -> bool:
    """By `Sec-Fetch-Site`, or where that is missing by an `Origin` equal to `Host`."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin, host = headers.get("Origin", ""), headers.get("Host", "")
    return bool(host) and urlsplit(origin).netloc.lower() == host.lower()


def local_path(text: str) -> str:
    """A path of ours to go on to after signing in; the first page for anything else.

    Two slashes, or a backslash, would lead a browser to somebody else's site.
    """
    is_ours = text.startswith("/") and not text.startswith("//") and text.isprintable()
    return text if is_ours and "\\" not in text else "/"
