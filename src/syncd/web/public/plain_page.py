"""A page for a person who came from outside: a title, what happened, and what to do next.

Used by the pages of consent, and by a standby that has nothing else to show.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template

from aiohttp import web

from syncd.domain.model.value import Value
from syncd.engine.connection.consent_words import Words

_TEMPLATES = files("syncd.web").joinpath("templates")
_PAGE = Template(_TEMPLATES.joinpath("consent.html").read_text("utf-8"))
_STYLE = _TEMPLATES.joinpath("consent.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class WayBack(Value, frozen=True, kw_only=True):
    """A link a page ends with."""

    url: str
    words: str


def page(
    words: Words,
    *,
    status: HTTPStatus,
    notice: str | None = None,
    links: Sequence[WayBack | None] = (),
    is_connected: bool = False,
    badge: str = "Not completed",
) -> web.Response:
    """The page as an answer; `links` without an address are left out."""
    shown = _PAGE.substitute(
        style=_STYLE,
        kind="connected" if is_connected else "failed",
        badge="Connected" if is_connected else badge,
        title=escape(words.title),
        text=escape(words.text),
        next_step=escape(words.next_step),
        notice=f'<p class="notice">{escape(notice)}</p>\n' if notice else "",
        links="".join(
            f'<p><a href="{escape(link.url)}">{escape(link.words)}</a></p>\n'
            for link in links
            if link is not None
        ),
    )
    return web.Response(
        status=status,
        body=shown.encode(),
        content_type="text/html",
        charset="utf-8",
        headers=HEADERS,
    )
