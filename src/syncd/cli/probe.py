"""`syncd health`: whether the daemon lives, or takes work, asked at the cost of one small request.

A supervisor asks every few seconds, for ever: so nothing of the configuration but the address is
read, and neither the command line's libraries nor the options are loaded. What is typed wrong is
left to the command line proper, whose words it then gets.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from syncd.cli.exits import Exit
from syncd.config import access
from syncd.domain.errors import ConfigError

TIMEOUT_S = 5.0
COMMAND = "health"
_LONGEST_ANSWER = 4096


class Asked(NamedTuple):
    """What was typed."""

    ready: bool = False
    json: bool = False
    url: str | None = None
    config: Path | None = None


def asked(words: Sequence[str]) -> Asked | None:
    """The probe that was typed; None for anything else, help and mistakes among it."""
    if list(words[:1]) != [COMMAND]:
        return None
    switches, values = {"--ready": False, "--json": False}, {"--url": "", "--config": ""}
    rest = list(words[1:])
    while rest:
        name, _, value = rest.pop(0).partition("=")
        if name in switches and not value:
            switches[name] = True
        elif name in values and (value or rest):
            values[name] = value or rest.pop(0)
        else:
            return None
    return Asked(
        ready=switches["--ready"],
        json=switches["--json"],
        url=values["--url"] or None,
        config=Path(values["--config"]) if values["--config"] else None,
    )


def health(of: Asked) -> Exit:
    """Ask, say what came, and how the command ends."""
    try:
        base = access.probed(of.url, of.config)
    except ConfigError as error:
        sys.stderr.write("\n".join(error.problems) + "\n")
        return Exit.BAD_CONFIGURATION
    status, why = _status(base, "/readyz" if of.ready else "/livez")
    is_healthy = status == HTTPStatus.OK
    if of.json:
        said = f'{{"healthy": {str(is_healthy).lower()}, "http_status": {status or "null"}}}'
        sys.stdout.write(said + "\n")
    if not is_healthy:
        sys.stderr.write(f"not healthy: {why}\n")
        return Exit.FAILED
    if not of.json:
        sys.stdout.write("ok\n")
    return Exit.DONE


def _status(base: str, path: str) -> tuple[int, str]:
    """The status of the answer and what it says; 0 when nobody answers."""
    from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: PLC0415  (only once the address is known good)

    scheme, _, rest = base.partition("://")
    host, slash, prefix = rest.partition("/")
    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    try:
        connection = kind(host, timeout=TIMEOUT_S)
        connection.request("GET", f"{slash}{prefix}{path}?verbose")
        answer = connection.getresponse()
        said = answer.read(_LONGEST_ANSWER).decode("utf-8", "replace")
    except (OSError, HTTPException, UnicodeError):
        return 0, f"no answer at {base}"
    return answer.status, f"HTTP {answer.status}{_failing(said)}"


def _failing(said: str) -> str:
    """Which parts fail, in the daemon's own words; nothing when it did not say."""
    from json import loads  # noqa: PLC0415  (a good answer is not read)

    try:
        checks = loads(said)["checks"]
        parts = [
            f"{name}: {one['output']}"
            for name, found in checks.items()
            for one in found
            if one["status"] == "fail"
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return f" ({'; '.join(parts)})"
