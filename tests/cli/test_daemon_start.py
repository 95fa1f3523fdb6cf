"""`syncd run`: started without what only the command line needs, and to the same end."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.cli import daemon_start
from syncd.cli.daemon_start import Asked
from tests.cli.test_probe import typed

HEAVY = {"cyclopts", "rich", "pygments"}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["run"], Asked()),
        (["run", "--config", "/a.toml"], Asked(Path("/a.toml"))),
        (["run", "--config=/a=b.toml"], Asked(Path("/a=b.toml"))),
        (["run", "--config"], None),
        (["run", "--config="], None),
        (["run", "--config", "--help"], None),
        (["run", "--help"], None),
        (["run", "/a.toml"], None),
        (["run", "--config", "/a.toml", "--config", "/b.toml"], None),
        (["--config", "/a.toml", "run"], None),
        (["status"], None),
        ([], None),
    ],
)
def test_what_is_no_plain_start_is_left_to_the_command_line(
    words: list[str], found: Asked | None
) -> None:
    assert daemon_start.asked(words) == found


async def test_start_loads_nothing_of_the_command_line(tmp_path: Path) -> None:
    program = (
        "import atexit, sys; from syncd.cli import main;"
        "atexit.register(lambda: print(*(n for n, m in sorted(sys.modules.items()) if m))); main()"
    )
    wrong = tmp_path / "syncd.toml"
    wrong.write_text("[server]\nlissen = 1\n", "utf-8")

    done = await typed("run", "--config", str(wrong), program=program)

    loaded = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert loaded & HEAVY == set()
    assert "aiohttp" in loaded


async def test_both_ways_to_start_end_the_same(tmp_path: Path) -> None:
    wrong = tmp_path / "syncd.toml"
    wrong.write_text("[server]\nlissen = 1\n", "utf-8")
    by_command_line = (
        "from syncd.cli import daemon_start, main; daemon_start.asked = lambda _: None; main()"
    )

    short = await typed("run", "--config", str(wrong))
    long = await typed("run", "--config", str(wrong), program=by_command_line)

    assert (short.returncode, short.stderr) == (long.returncode, long.stderr)
    assert short.returncode == 78
    assert b"server.lissen" in short.stderr
