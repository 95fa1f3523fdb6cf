"""A person at a browser: follows Connect to Xero through Xero and back, and reads the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

from tests.journeys.support.harness import Answer, Daemon, call

_REDIRECTS = {301, 302, 303, 307}
MOST_STEPS = 8


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the person reads; `links` by their words."""

    status: int
    text: str
    links: dict[str, str]


@dataclass
class Browser:
    """One browser with its cookies; `keeps_cookies` False: they are blocked."""

    daemon: Daemon
    keeps_cookies: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    def press_connect(self, tenant: str = "demo") -> str:
        """The link that Connect to Xero answers with."""
        answer = self.daemon.post(f"/api/v1/tenants/{tenant}/connect")
        assert answer.status == 200, answer.body.decode()
        return str(answer.json()["url"])

    def follow(self, url: str, *, org: int = 1) -> Page:
        """Through every redirect to a page; at Xero the organisation `org` is chosen."""
        for _ in range(MOST_STEPS):
            url = self.at_xero(url, org)
            answer = self._get(url)
            if answer.status not in _REDIRECTS:
                return _page(answer)
            url = urljoin(url, answer.headers["Location"])
        raise AssertionError(f"more than {MOST_STEPS} redirects, at last to {urlsplit(url).path}")

    def at_xero(self, url: str, org: int) -> str:
        """The address, with the organisation picked where it is Xero's page of consent."""
        return f"{url}&org={org}" if "/identity/connect/authorize" in url else url

    def way_back(self, url: str, *, org: int = 1) -> str:
        """The address Xero sends the browser back to, not yet followed."""
        for _ in range(MOST_STEPS):
            url = self.at_xero(url, org)
            answer = self._get(url)
            assert answer.status in _REDIRECTS, answer.body.decode()
            url = urljoin(url, answer.headers["Location"])
            if "/oauth/xero/callback" in url:
                return url
        raise AssertionError("Xero sends nobody back")

    def _get(self, url: str) -> Answer:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = call("GET", url, **({"Cookie": jar} if jar else {}))
        for line in answer.headers.get_all("Set-Cookie") or () if self.keeps_cookies else ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


def _page(answer: Answer) -> Page:
    html = answer.body.decode()
    shown = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    links = {
        unescape(words): unescape(target)
        for target, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', html)
    }
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())
    return Page(status=answer.status, text=text, links=links)
