"""The last lines that a service of this machine has logged, asked of systemd's journal.

Used by `support`, where nobody hands a log in. The daemon itself starts no other program.
"""

from __future__ import annotations

import shutil
from subprocess import CalledProcessError, CompletedProcess

import anyio

UNIT = "syncd"
"""The service's name, as `syncd config unit` has it."""
WITHIN_S = 20.0


class NoLog(Exception):
    """There are no lines to be had; `text` says why, and what a person can do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


async def last_lines(unit: str, lines: int) -> str:
    """So many of the unit's last lines. Raises NoLog."""
    program = shutil.which("journalctl")
    if program is None:
        raise NoLog(_else("there is no journalctl on this machine to ask for it"))
    asked = [program, "--unit", unit, "--lines", str(lines), "--output", "cat", "--no-pager"]
    try:
        with anyio.fail_after(WITHIN_S):
            answer: CompletedProcess[bytes] = await anyio.run_process(asked)
    except TimeoutError:
        raise NoLog(_else(f"journalctl did not answer within {WITHIN_S:g} s")) from None
    except CalledProcessError as error:
        said = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        why = said[0] if said else f"it ended with {error.returncode}"
        raise NoLog(_else(f"journalctl could not say: {why}")) from None
    except OSError as error:
        raise NoLog(_else(f"{program} cannot be started: {error.strerror}")) from None
    text = answer.stdout.decode(errors="replace")
    if not text.strip() or text.startswith("-- No entries --"):
        raise NoLog(_else(f"journalctl shows no line of the unit {unit} (to root it shows all)"))
    return text


def _else(why: str) -> str:
    return f"{why}; hand in what the daemon wrote: --log FILE, or --log - for what is piped in"
