"""A browser without JavaScript: signs in, and reads pages by what they say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from syncd.domain.model.settings import Mode
from tests.engine.support.operating import Desk
from tests.web.support.serving import TOKENS, Served, operators

_VOID = {"meta", "link", "input", "br", "hr", "img", "path", "circle", "rect", "use"}


@dataclass
class Page(HTMLParser):
    """An answer, read as a reader of its words, links and forms would."""

    status: int = 0
    headers: Any = None
    body: str = ""
    text: str = ""
    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.body)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes += list(found.items())
        if tag not in _VOID:
            self.open_tags.append(tag)
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "form":
            self.forms.append((found.get("method", "get"), found.get("action", "")))
        if tag == "button":
            self.buttons.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open_tags:
            while (last := self.open_tags.pop()) != tag:
                self.unclosed.append(last)

    def handle_data(self, data: str) -> None:
        if self.open_tags and self.open_tags[-1] in ("script", "style"):
            return
        self.text += data + " "
        if "button" in self.open_tags and self.buttons:
            self.buttons[-1] = f"{self.buttons[-1]} {data.strip()}".strip()


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Calls one console as whoever is signed in; sends what a browser of today sends."""

    session: aiohttp.ClientSession
    base: str
    desk: Desk

    async def get(self, path: str, **headers: str) -> Page:
        return await self._call("GET", path, headers=headers)

    async def post(
        self,
        path: str,
        fields: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        sent = {"Sec-Fetch-Site": "same-origin"} if headers is None else headers
        return await self._call("POST", path, headers=sent, data=dict(fields or {}))

    async def sign_in(self, role: str) -> Page:
        return await self.post("/login", {"token": TOKENS[role]})

    async def _call(self, method: str, path: str, **more: Any) -> Page:
        async with self.session.request(
            method, self.base + path, allow_redirects=False, **more
        ) as answer:
            is_text = not answer.content_type.startswith("image/x")
            return Page(
                status=answer.status,
                headers=answer.headers,
                body=await answer.text() if is_text else "",
            )


@asynccontextmanager
async def browsing(served: Served, role: str | None = "Super User") -> AsyncIterator[Browser]:
    """A browser of its own, signed in as `role`."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        browser = Browser(session=session, base=served.client.base, desk=served.desk)
        if role is not None:
            assert (await browser.sign_in(role)).status == 303
        yield browser


@asynccontextmanager
async def console(
    role: str | None = "Super User", *, mode: Mode = Mode.LIVE
) -> AsyncIterator[Browser]:
    """The console over an empty store of two tenants, and a browser signed in to it."""
    async with operators(mode) as served, browsing(served, role) as browser:
        yield browser


def path_of(page: Page) -> str:
    """Where a redirect leads."""
    return urlsplit(page.headers["Location"]).path
