"""A shell completes commands and options from the script it is given."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from syncd.cli.program import completion

ASKED = """
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _syncd; echo "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (("syncd", "inv"), "invoices"),
        (("syncd", "invoices", "l"), "list"),
        (("syncd", "invoices", "list", "--lim"), "--limit"),
        (("syncd", "report", "--format", ""), "table csv html"),
        (("syncd", "status", "--tok"), "--token-file"),
    ],
)
def test_bash_completes(typed: tuple[str, ...], found: str, script: Path) -> None:
    if (bash := shutil.which("bash")) is None:
        pytest.skip("bash is not on this machine")

    done = subprocess.run(  # noqa: S603 - fixed words
        [bash, "-c", ASKED, "bash", str(script), *typed], check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == found


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("completion") / "syncd"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("builtins.print", lambda text: file.write_text(text, "utf-8"))
        completion("bash")
    return file
