"""`syncd reload`: has the running daemon read its configuration again, and says what came of it.

No token is needed, for the one in the file may be new to the daemon: it is told by a signal, which
its own user or root may send, and says what came of it to any probe.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import anyio
from cyclopts import Parameter

from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.local.options import store_or_end, unusable
from syncd.cli.output import say
from syncd.cli.parameters import Config, Url
from syncd.config import access
from syncd.domain.errors import ConfigError
from syncd.runtime.store_lock import holder, listening

WITHIN_S = 60.0
"""A store that is locked makes a reload wait; systemd waits longer by itself."""
POLL_S = 0.1
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_NAME_IT = "name the daemon's process: syncd reload --pid PID, or systemctl reload syncd"
Pid = Annotated[
    int | None,
    Parameter(help="The daemon's process, as systemd's $MAINPID; else who has the store open."),
]


async def reload(*, pid: Pid = None, url: Url = None, config: Config = None) -> None:
    """Have the running daemon read its configuration again, and say what came of it.

    Exit 0 when it is taken over, 78 when it is refused and everything stays as it was, 75 when no
    daemon answers.
    """
    try:
        base = access.address(url, config)
    except ConfigError as error:
        unusable((*error.problems, "the daemon was not asked; everything stays as it was"))
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        before = await _last_reload(session, base)
        if before is None and url is None and (standing := _listening(config)) is not None:
            # Another server.listen stands in the file by now: that one counts from its next start.
            base = standing
            before = await _last_reload(session, base)
        if before is None:
            end(Exit.TRY_AGAIN, f"No daemon answers at {base}; nothing was reloaded.")
        _ask(pid or _process(config))
        told = await _next_reload(session, base, before)
    if told is None:
        end(Exit.TRY_AGAIN, f"The daemon did not say within {WITHIN_S:g} s what came of it.")
    if told["status"] != "pass":
        end(Exit.BAD_CONFIGURATION, _sentence(told["output"]))
    say(f"Reloaded: {told['output']}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


async def _next_reload(
    session: aiohttp.ClientSession, base: str, before: dict[str, Any]
) -> dict[str, Any] | None:
    with anyio.move_on_after(WITHIN_S):
        while True:
            told = await _last_reload(session, base)
            if told is not None and told["observedValue"] != before["observedValue"]:
                return told
            await anyio.sleep(POLL_S)
    return None


async def _last_reload(session: aiohttp.ClientSession, base: str) -> dict[str, Any] | None:
    """What the daemon says of its last reload; None where nobody answers as a daemon does."""
    try:
        async with session.get(f"{base}/livez?verbose") as answer:
            found: dict[str, Any] = (await answer.json())["checks"]["configuration"][0]
            return found
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        return None


def _ask(process: int) -> None:
    try:
        if process <= 0:
            raise OverflowError  # noqa: TRY301  (to the kernel these are groups, or everybody)
        os.kill(process, signal.SIGHUP)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or "no such process"
        end(Exit.FAILED, f"Process {process} cannot be told: {why}. Nothing was reloaded.")


def _listening(config: Path | None) -> str | None:
    """Where the daemon answers that has the store open, whatever the file says by now."""
    section, _ = store_or_end(config)
    found = None if section.is_shared else listening(section.path)
    return None if found is None else access.answering_at(found)


def _process(config: Path | None) -> int:
    """Who has the store open; only where that is surely a daemon of this machine's."""
    section, _ = store_or_end(config)
    process = None if section.is_shared else holder(section.path)
    if process is None:
        end(Exit.FAILED, f"No daemon has the store open, as far as this user sees; {_NAME_IT}.")
    try:
        called = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        called = b""
    if b"syncd" not in called:
        end(Exit.FAILED, f"Process {process} is not seen to be a daemon from here; {_NAME_IT}.")
    return process
