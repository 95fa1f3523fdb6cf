"""One request of a signed-in person, and the table of pages it is matched by.

Whatever a page's handler needs is asked of its `Visit`: who it is, what they may, the tenant, the
form, and a page or a redirect to answer with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import aiohttp_jinja2
from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.engine.operator.operations import Operations
from syncd.ports.clock import Clock
from syncd.web.console import amounts, words
from syncd.web.console.amounts import Reading
from syncd.web.console.live import LiveStreams, SharedParts
from syncd.web.console.stories import Stories
from syncd.web.console.tries import LoginTries
from syncd.web.http.beside import place_of
from syncd.web.http.guard import Operator, Role, role_name
from syncd.web.http.problems import ProblemError

PREFERENCES = "syncd-view"
ZONE = "syncd-zone"
"""What the browser says of itself, where nothing else is chosen."""
THEMES = ("light", "dark")
_MOST_FIELDS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What every page is served from. `roles` are those of the API's operations, by name."""

    operations: Operations
    operators: Sequence[Operator]
    roles: Mapping[str, Role]
    clock: Clock
    is_secure: bool
    tries: LoginTries
    stories: Stories
    streams: LiveStreams
    parts: SharedParts
    table: Sequence[ConsolePage] = ()


class ConsolePage(Value, frozen=True, kw_only=True, gc=True):
    """One page or action. Its role is that of the API's `operation`; empty: to be signed in.

    `menu` is its entry in the menu, `key` the letter that follows `g` to get there.
    """

    path: str
    call: Callable[[Visit], Awaitable[web.StreamResponse]]
    operation: str = ""
    method: str = "GET"
    menu: str = ""
    key: str = ""


class MenuEntry(Value, frozen=True, kw_only=True):
    """A page in the menu."""

    label: str
    href: str
    key: str
    is_here: bool


class Choices(Value, frozen=True, kw_only=True):
    """What a person has chosen at `/account`; kept by their browser."""

    theme: str = ""
    zone: str = ""
    has_keys: bool = True

    @classmethod
    def of(cls, text: str) -> Choices:
        """As the cookie says it; nothing chosen for what cannot be read."""
        found = dict(parse_qsl(text[:200], max_num_fields=8)) if text else {}
        theme = found.get("theme", "")
        return cls(
            theme=theme if theme in THEMES else "",
            zone=found.get("zone", "") if amounts.zone_of(found.get("zone", "")) else "",
            has_keys=found.get("keys", "on") != "off",
        )

    def text(self) -> str:
        """For the cookie."""
        keys = "on" if self.has_keys else "off"
        return urlencode({"theme": self.theme, "zone": self.zone, "keys": keys})


class Visit:
    """One request. `operator` is None on the pages that are open: sign-in and errors."""

    def __init__(
        self,
        console: Console,
        request: web.Request,
        operator: Operator | None = None,
        session: str = "",
    ) -> None:
        self.console = console
        self.request = request
        self._operator = operator
        self.session = session
        """The digest of the session's token."""

    @property
    def operations(self) -> Operations:
        """What pages call."""
        return self.console.operations

    @property
    def operator(self) -> Operator:
        """Who is signed in."""
        assert self._operator is not None, "a page that needs somebody was served to nobody"
        return self._operator

    @property
    def is_signed_in(self) -> bool:
        """Whether there is anybody."""
        return self._operator is not None

    @property
    def who(self) -> str:
        """The operator's name, as the journal keeps it."""
        return self.operator.name

    @cached_property
    def choices(self) -> Choices:
        """What the person chose."""
        return Choices.of(self.request.cookies.get(PREFERENCES, ""))

    @cached_property
    def reading(self) -> Reading:
        """How the person reads instants."""
        chosen = self.choices.zone or self.request.cookies.get(ZONE, "")
        return Reading(self.console.clock.now(), amounts.zone_of(chosen) or UTC)

    @cached_property
    def tenant(self) -> TenantId:
        """The tenant of the path. Raises a 404 problem."""
        name = self.request.match_info["t"]
        found = self.operations.known(name)
        if found is None:
            raise ProblemError(404, "No such tenant", f"This daemon serves no tenant {name!r}.")
        return found

    @cached_property
    def shown_tenant(self) -> str:
        """The tenant whose pages the menu leads to: the path's, the query's, else the only one."""
        if not self.is_signed_in:
            return ""
        named = self.request.match_info.get("t", "") or _tenant_in(self.request.path)
        name = named or self.request.query.get("t", "")
        served = self.operations.served
        if name:
            return name if name in served else ""
        return served[0] if len(served) == 1 else ""

    @cached_property
    def menu(self) -> list[MenuEntry]:
        """The pages this person may see of the tenant shown."""
        entries = [page for page in self.console.table if page.menu]
        here = _entry_of(place_of(self.request), [page.path for page in entries])
        found = []
        for page in entries:
            is_shown = "{t}" not in page.path or bool(self.shown_tenant)
            if is_shown and (not page.operation or self.may(page.operation)):
                href = page.path.replace("{t}", quote(self.shown_tenant, safe=""))
                is_here = page.path == here
                found.append(MenuEntry(label=page.menu, href=href, key=page.key, is_here=is_here))
        return found

    @property
    def role(self) -> str:
        """The person's role as it is called."""
        return role_name(self.operator.role)

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters, without empty ones: an empty field of a form filters nothing."""
        return {name: value for name, value in self.request.query.items() if value}

    @property
    def here(self) -> str:
        """The address of the page, also where a part of it is asked for."""
        kept = {name: value for name, value in self.query.items() if name != "part"}
        return self.request.rel_url.raw_path + (f"?{urlencode(kept)}" if kept else "")

    def may(self, operation: str) -> bool:
        """Whether the person's role suffices for an operation of the API."""
        return self.operator.role >= self.console.roles[operation]

    def needs(self, operation: str) -> str:
        """The name of the role that an operation needs."""
        return role_name(self.console.roles[operation])

    def place(self, *parts: str) -> str:
        """A path of the console within the tenant: `place("invoices", key)`."""
        return place(self.tenant, *parts)

    async def form(self) -> dict[str, str]:
        """The fields of the form that was sent, the last of each name. Raises a 400 problem."""
        try:
            text = (await self.request.read()).decode()
            fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            raise ProblemError(400, "Not understood", "The form could not be read.") from None
        return dict(fields)

    def page(
        self, template: str, *, status: int = 200, parts: Sequence[str] = (), **context: Any
    ) -> web.Response:
        """The template's page; or its title and that of its `parts` that is asked for."""
        asked = self.query.get("part", "")
        part = f"parts/{asked}.html" if asked in parts else ""
        return aiohttp_jinja2.render_template(
            template,
            self.request,
            {"v": self, "words": words, "amount": amounts.amount, "part": part, **context},
            status=status,
        )

    def see(self, path: str) -> web.Response:
        """On to another page, after a POST."""
        return web.Response(status=303, headers={"Location": path})


def _entry_of(here: str, entries: Sequence[str]) -> str:
    """The entry of the menu that a page stands under: a tenant's own pages under the overview."""
    found = (one for one in entries if one != "/" and here.startswith(one))
    of_a_tenant = here == "/" or here.startswith("/t/")
    return next(found, "/" if of_a_tenant else "")


def _tenant_in(path: str) -> str:
    """The tenant of a path where no page stands."""
    first, _, rest = path.removeprefix("/").partition("/")
    return rest.partition("/")[0] if first == "t" else ""


def place(tenant: str, *parts: str) -> str:
    """A path of the console: `/t/acme/invoices/…`, whatever characters a name brings."""
    return "/t/" + "/".join(quote(part, safe="") for part in (tenant, *parts))
