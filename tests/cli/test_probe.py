"""`syncd health`: answered without the configuration, at the cost of one small request."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import CompletedProcess

import anyio
import pytest

from syncd.cli import probe
from syncd.cli.probe import Asked
from syncd.domain import facts
from tests.cli.commanding import Commanded
from tests.journeys.support.harness import environment

PROGRAM = "from syncd.cli import main; main()"
HEAVY = ("rich", "cyclopts", "pydantic", "aiohttp", "anyio", "msgspec", "asyncio")


async def typed(*words: str, program: str = PROGRAM, **more: str) -> CompletedProcess[bytes]:
    """`syncd` with these words, as a process of its own beside the daemon."""
    return await anyio.run_process(
        [sys.executable, "-c", program, *words], check=False, env={**environment(), **more}
    )


async def test_health_needs_an_address_and_nothing_else(commanded: Commanded) -> None:
    done = await typed("health", "--url", commanded.base)
    ready = await typed("health", "--ready", "--json", SYNCD_URL=commanded.base)

    assert (done.returncode, done.stdout) == (0, b"ok\n")
    assert json.loads(ready.stdout) == {"healthy": True, "http_status": 200}


async def test_health_takes_the_address_of_the_file_and_no_notice_of_its_errors(
    commanded: Commanded,
) -> None:
    text = commanded.config.read_text("utf-8")
    commanded.config.write_text(text.replace("client_id", "klient_id"), "utf-8")

    done = await typed("health", "--config", str(commanded.config))

    assert done.returncode == 0


async def test_health_says_which_part_fails_in_the_daemons_words(commanded: Commanded) -> None:
    commanded.health.observe(facts.DaemonDraining(cause="SIGTERM"))

    done = await typed("health", "--ready", "--url", commanded.base)

    said = b"not healthy: HTTP 503 (accepting: draining: no new work is taken)\n"
    assert (done.returncode, done.stderr) == (1, said)


async def test_health_without_a_daemon_says_where_it_asked() -> None:
    done = await typed("health", "--json", "--url", "http://127.0.0.1:9")

    assert done.returncode == 1
    assert json.loads(done.stdout) == {"healthy": False, "http_status": None}
    assert b"no answer at http://127.0.0.1:9" in done.stderr


async def test_health_of_an_address_that_is_none_is_bad_configuration() -> None:
    done = await typed("health", "--url", "ftp://here")

    assert done.returncode == 78
    assert b"--url" in done.stderr


async def test_probe_loads_nothing_of_the_rest(commanded: Commanded) -> None:
    program = (
        "import atexit, sys; from syncd.cli import main;"
        "atexit.register(lambda: print(*sorted(sys.modules))); main()"
    )

    done = await typed("health", "--url", commanded.base, program=program)

    loaded = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert loaded & set(HEAVY) == set()
    assert "http" in loaded


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["health"], Asked()),
        (["health", "--ready", "--json"], Asked(ready=True, json=True)),
        (["health", "--url=http://h:1"], Asked(url="http://h:1")),
        (["health", "--config", "/a.toml", "--ready"], Asked(ready=True, config=Path("/a.toml"))),
        (["health", "--help"], None),
        (["health", "--url"], None),
        (["health", "--ready=yes"], None),
        (["health", "now"], None),
        (["status"], None),
        ([], None),
    ],
)
def test_what_is_no_plain_probe_is_left_to_the_command_line(
    words: list[str], found: Asked | None
) -> None:
    assert probe.asked(words) == found


async def test_a_probe_typed_wrong_gets_the_command_lines_words() -> None:
    done = await typed("health", "--redy")

    assert done.returncode != 0
    assert b"--redy" in done.stderr + done.stdout
