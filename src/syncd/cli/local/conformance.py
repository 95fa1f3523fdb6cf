"""`syncd conformance`: holds a server that speaks Pipeline's side against the whole contract."""

from __future__ import annotations

from pathlib import Path

from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.output import say, show_json
from syncd.cli.parameters import Json
from syncd.domain.errors import NotSent
from syncd.lab.conformance import examine as examining
from syncd.lab.conformance import notes
from syncd.lab.conformance.examine import MOST_CALLS, WAIT_S, Listener
from syncd.lab.conformance.expectations import Line, Verdict
from syncd.runtime.aiohttp_transport import tcp_transport

_LISTEN = "127.0.0.1:8081"
_PATH = "/webhooks/pipeline/conformance"


async def conformance(
    *,
    url: str,
    key: str,
    webhook_secret: str | None = None,
    listen: str = _LISTEN,
    wait_s: float = WAIT_S,
    write: str | None = None,
    old_cursor: str | None = None,
    most_calls: int = MOST_CALLS,
    json: Json = False,
) -> None:
    """Hold a server of Pipeline's side against the contract: one line for each expectation.

    It reads only, unless --write names a test customer. Exit 1 when something is not met, 75 when
    nobody answers.

    Parameters
    ----------
    url
        Where the contract's paths are: https://pipeline.example/api/v1
    key
        The key of one tenant; or @FILE, a file that holds it.
    webhook_secret
        The secret notes are signed with (whsec_…), or @FILE: takes notes and judges them.
    listen
        HOST:PORT where notes are taken, under /webhooks/pipeline/ and any name.
    wait_s
        How many seconds a note is waited for.
    write
        The id of a customer made for trying: results are written back for it.
    old_cursor
        A cursor the server gave long ago, which it must answer 410.
    most_calls
        How many calls may be made; the limit is tried out where fewer are left to it.
    """
    keeper = None if webhook_secret is None else _listener(_given(webhook_secret), listen, wait_s)
    transport = tcp_transport("pipeline")
    try:
        lines = await examining.examine(
            transport,
            url=url,
            key=_given(key),
            customer=write,
            old_cursor=old_cursor,
            listener=keeper,
            most_calls=most_calls,
        )
    except NotSent:
        end(
            Exit.TRY_AGAIN,
            f"{url} cannot be reached: its name is unknown, or nothing listens there",
        )
    except OSError as error:
        end(Exit.FAILED, f"--listen {listen}: {error.strerror or error}")
    finally:
        await transport.close()
    _show(lines, as_json=json)


def _listener(secret: str, listen: str, wait_s: float) -> Listener:
    try:
        key = notes.key_of(secret)
    except ValueError as error:
        end(Exit.USAGE, f"--webhook-secret: {error}")
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        end(Exit.USAGE, f"--listen: expected HOST:PORT, got {listen!r}")
    host = host.strip("[]")
    return Listener(
        host=host,
        port=int(port),
        key=key,
        wait_s=wait_s,
        say=lambda found: complain(f"Notes are taken at http://{host}:{found}{_PATH}"),
    )


def _given(secret: str) -> str:
    """The secret itself, or what the file named holds."""
    if not secret.startswith("@"):
        return secret
    try:
        return Path(secret[1:]).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        end(Exit.USAGE, f"{secret[1:]} cannot be read: {error}")


def _show(lines: tuple[Line, ...], *, as_json: bool) -> None:
    """One line each, what is not met last; exit 1 where something is not."""
    counts = {each: sum(line.verdict is each for line in lines) for each in Verdict}
    if as_json:
        rows = [
            {"name": one.name, "verdict": one.verdict, "expected": one.expected, "got": one.got}
            for one in lines
        ]
        show_json({"conforms": not counts[Verdict.NOT_MET], "lines": rows})
    else:
        for one in sorted(lines, key=lambda line: line.verdict is Verdict.NOT_MET):
            came = f"; got {one.got}" if one.verdict is Verdict.NOT_MET else ""
            why = f"; {one.got}" if one.verdict is Verdict.NOT_LOOKED_AT else ""
            say(f"{one.verdict:<13}  {one.name:<20}  {one.expected}{came}{why}")
        say(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if counts[Verdict.NOT_MET]:
        end(Exit.FAILED)
