"""The door for whoever directs a pretend world: `/_sandbox/…`, framework-free.

Called by `sandbox.serve` for each world. Nothing here is part of Xero's or Pipeline's own API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from syncd.sandbox import pages
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response, json_response
from syncd.sandbox.killer import Killer
from syncd.sandbox.pipeline.exact import decode, text
from syncd.sandbox.sender import Outbox

PREFIX = "/_sandbox/"
Command = Callable[[dict[str, Any]], dict[str, Any]]


class FaultBook(Protocol):
    """A world's rules of misbehaviour."""

    def set(self, rules: list[dict[str, Any]]) -> None:
        """Replace every rule. Raises ValueError for one that is not understood."""


class Post(Outbox[Any], Protocol):
    """A world's webhooks, and where they go."""

    def aim(self, url: str | None) -> None:
        """Post to this address from now on; None turns webhooks off."""


class World(Protocol):
    """What a pretend world offers to the server around it."""

    @property
    def clock(self) -> SandboxClock:
        """The world's own time."""

    @property
    def faults(self) -> FaultBook:
        """How it misbehaves."""

    @property
    def webhooks(self) -> Post:
        """What it has to tell, and whom."""

    def set_switches(self, switches: Mapping[str, Any]) -> None:
        """Turn the named switches. Raises ValueError naming one that does not exist."""

    def handle(self, request: Request) -> Response:
        """Carry out one request and answer it."""

    def begin(self, request: Request) -> Response | None:
        """Let a request in, or answer at once when too many are in flight."""

    def end(self, request: Request) -> None:
        """A request that was let in has been answered."""

    def dump(self) -> dict[str, Any]:
        """The books as JSON values."""

    def load(self, dump: dict[str, Any]) -> None:
        """Become what an earlier dump says."""

    def reset(self) -> None:
        """Start over."""


class Control:
    """The director's commands for one world.

    `commands` are further ones by name (`user`, `bookkeeper`); `page` is what a browser is shown.
    """

    def __init__(
        self,
        world: World,
        *,
        commands: Mapping[str, Command],
        killer: Killer,
        page: pages.Draw | None = None,
    ) -> None:
        self._world = world
        self._page = page
        self._killer = killer
        self._commands = frozenset(commands)
        self._verbs: dict[tuple[str, str], Command] = {
            ("GET", "dump"): lambda _: world.dump(),
            ("POST", "load"): self._load,
            ("POST", "reset"): self._reset,
            ("POST", "clock"): self._clock,
            ("POST", "faults"): self._faults,
            ("POST", "webhooks"): self._webhooks,
            **{("POST", name): command for name, command in commands.items()},
        }

    def handle(self, request: Request) -> Response:
        """Do as told; 404 for no such command, 422 with the reason when it cannot be done."""
        if request.path == PREFIX and self._page is not None:
            return self._shown(request, self._page)
        return self._obeyed(request)

    def _obeyed(self, request: Request) -> Response:
        name = request.path.rstrip("/").rpartition("/")[2]
        verb = self._verbs.get((request.method, name))
        if verb is None:
            known = [f"{method} {PREFIX}{name}" for method, name in self._verbs]
            error = f"expected one of {known}, got {request.method} {request.path}"
            return json_response(404, {"error": error})
        try:
            # A command's amounts stay exact; seconds, chances and timestamps are floats.
            read = decode if name in self._commands else json.loads
            command = read(request.body) if request.body else {}
            return json_response(200, text(verb(_object(command))))
        except KeyError as error:
            return json_response(422, {"error": f"{error.args[0]}: required"})
        except (ValueError, TypeError, LookupError) as error:
            return json_response(422, {"error": str(error)})

    def _shown(self, request: Request, draw: pages.Draw) -> Response:
        """The page; a form sent to it leads back to it, so that a reload repeats nothing."""
        if request.method == "GET":
            return _html(pages.drawn(draw(), request.query.get("said", "")))
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        try:
            verb, command = pages.command_of(form)
        except ValueError as error:
            return _back(str(error))
        sent = json.dumps(command).encode()
        answer = self._obeyed(Request(method="POST", path=PREFIX + verb, body=sent))
        said = {name: value for name, value in json.loads(answer.body).items() if value is not None}
        return _back(json.dumps(said, ensure_ascii=False))

    def _load(self, dump: dict[str, Any]) -> dict[str, Any]:
        self._world.load(dump)
        return {}

    def _reset(self, _command: dict[str, Any]) -> dict[str, Any]:
        self._killer.clear()
        self._world.reset()
        return {}

    def _webhooks(self, command: dict[str, Any]) -> dict[str, Any]:
        self._world.webhooks.aim(command["url"])
        return {"url": command["url"]}

    def _clock(self, command: dict[str, Any]) -> dict[str, Any]:
        clock = self._world.clock
        if "rate" in command:
            clock.set_rate(float(command["rate"]))
        if "advance_s" in command:
            clock.advance(float(command["advance_s"]))
        return {"now": clock.utc().isoformat(), "rate": clock.rate}

    def _faults(self, command: dict[str, Any]) -> dict[str, Any]:
        known = ("rules", "switches", "kill", "hold")
        strangers = sorted(set(command) - set(known))
        if strangers:
            raise ValueError(f"expected some of {known}, got {strangers}")
        if "rules" in command:
            self._world.faults.set(_rules(command["rules"]))
        if "switches" in command:
            self._world.set_switches(command["switches"])
        if "kill" in command:
            self._killer.order_deaths(command["kill"])
        if "hold" in command:
            self._killer.order_holds(command["hold"])
        return {}


def _html(page: str) -> Response:
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Response(status=200, headers=headers, body=page.encode())


def _back(said: str) -> Response:
    return Response(status=303, headers={"Location": f"{PREFIX}?{urlencode({'said': said})}"})


def _object(command: Any) -> dict[str, Any]:
    if isinstance(command, list):
        return {"rules": command}
    if not isinstance(command, dict):
        raise ValueError(f"expected a JSON object, got {command!r}")  # noqa: TRY004 - one error kind for bad input
    return command


def _rules(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError(f"rules: expected a list of objects, got {rules!r}")
    return rules
