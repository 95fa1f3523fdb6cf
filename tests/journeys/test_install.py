"""docs/install.md, its own commands typed one after the other, ends with an invoice in Xero.

Below a folder instead of /, with a stand-in for systemd's commands, and libraries that are there
already in the place of downloads. What the page calls the outside is the sandbox, named by the
environment; so every command runs as it is printed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.support.source import ROOT
from tests.journeys.support import service_manager
from tests.journeys.support.browser import Browser
from tests.journeys.support.harness import FAST, Worlds, environment, free_ports, wait_until

PAGE = (ROOT / "docs/install.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
FOLDERS = (
    "bin", "run", "opt", "usr/local/bin", "etc/tmpfiles.d", "etc/systemd/system",
    "etc/bash_completion.d", "var/lib", "dist",
)  # fmt: skip
VENV = """#!/bin/sh
set -e
{python} "$@"
for last; do :; done
packages=$("$last"/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo {libraries} > "$packages"/libraries.pth
"""
STAND_IN = '#!/bin/sh\nexec {python} {manager} {root} {name} "$@"\n'


def wheel(folder: Path) -> None:
    """The program as `make wheel` lays it down; there the real one is built and checked."""
    name = "syncd-0.1.0"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as made:
        for file in sorted((ROOT / "src/syncd").rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                made.write(file, file.relative_to(ROOT / "src"))
        info = f"{name}.dist-info"
        made.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: syncd\nVersion: 0.1.0\n")
        made.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        made.writestr(f"{info}/entry_points.txt", "[console_scripts]\nsyncd = syncd.cli:main\n")
        made.writestr(f"{info}/RECORD", "".join(f"{each},,\n" for each in made.namelist()))


class Machine:
    """A machine below a folder, and the person at it."""

    def __init__(self, root: Path, worlds: Worlds) -> None:
        self.root = root
        self.ports = free_ports(2)
        for each in FOLDERS:
            (root / each).mkdir(parents=True)
        self._lay_programs()
        told, sync = (
            worlds.told,
            {f"SYNCD_SYNC__{name.upper()}": str(value) for name, value in FAST.items()},
        )
        self.secrets = [
            told["xero"]["client_secret"], told["xero"]["webhook_key"],
            told["pipeline"]["key"], told["pipeline"]["webhook_secret"],
        ]  # fmt: skip
        xero = ("client_id", "api_url", "identity_url", "authorize_url")
        self.environment = {
            **environment(),
            **sync,
            **{f"SYNCD_XERO__{name.upper()}": told["xero"][name] for name in xero},
            "SYNCD_XERO__TIMEOUT_S": "10",
            "SYNCD_TENANTS__ACME__PIPELINE_URL": told["pipeline"]["url"],
            "SYNCD_SERVER__LISTEN": f"127.0.0.1:{self.ports[0]}",
            "SYNCD_SERVER__PUBLIC_LISTEN": f"127.0.0.1:{self.ports[1]}",
            "SYNCD_SERVER__PUBLIC_URL": f"http://127.0.0.1:{self.ports[1]}",
            "SYNCD_STORE__URL": f"sqlite://{root}/var/lib/syncd/syncd.db",
            "SYNCD_CONFIG": f"{root}/etc/syncd/syncd.toml",
            "PATH": f"{root}/bin:{root}/usr/local/bin:{os.environ['PATH']}",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def _lay_programs(self) -> None:
        libraries = self.root / "libraries"
        libraries.mkdir()
        packages = Path(sysconfig.get_path("purelib"))
        for each in packages.iterdir():
            if "syncd" not in each.name and each.suffix != ".pth":
                (libraries / each.name).symlink_to(each)
        self._program("python3", VENV.format(python=sys.executable, libraries=libraries))
        for name in ("systemctl", "systemd-tmpfiles"):
            manager = service_manager.__file__
            self._program(
                name,
                STAND_IN.format(python=sys.executable, manager=manager, root=self.root, name=name),
            )
        wheel(self.root / "dist")
        (self.root / "dist/requirements.txt").write_bytes((ROOT / "requirements.txt").read_bytes())

    def _program(self, name: str, text: str) -> None:
        file = self.root / "bin" / name
        file.write_text(text, "utf-8")
        file.chmod(0o755)

    def type(self, block: str, answers: tuple[str, ...] = ()) -> str:
        """One block of the page, and what it printed."""
        done = subprocess.run(  # noqa: S603 - the page's own commands
            ["bash", "-euc", service_manager.below(self.root, block)],  # noqa: S607 - any bash
            cwd=self.root, env=self.environment, input="".join(f"{each}\n" for each in answers),
            capture_output=True, text=True, timeout=110, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}\n{self.log()}"
        return done.stdout

    def log(self) -> str:
        file = self.root / "syncd.log"
        return file.read_text("utf-8")[-3000:] if file.exists() else ""


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Worlds]:
    found = Worlds(tmp_path, "--customers", "3", "--invoices", "4")
    yield found
    found.close()


@pytest.fixture
def machine(tmp_path: Path, worlds: Worlds) -> Iterator[Machine]:
    found = Machine(tmp_path / "machine", worlds)
    yield found
    pid = found.root / "syncd.pid"
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.mark.timeout(300)
def test_page_followed_literally_ends_with_an_invoice_in_xero(
    machine: Machine, worlds: Worlds
) -> None:
    said = {}
    for block in BLOCKS:
        answers = tuple(machine.secrets) if "read -rsp" in block else ()
        said[block] = machine.type(block, answers)
        if block == "syncd connect acme\n":
            page = Browser(daemon=None).follow(said[block].split()[-1])  # type: ignore[arg-type]  (asks nothing of it)
            assert "onnected" in page.text
        if block == "syncd tenants live acme\n" or "tenants live" in block:
            wait_until(
                lambda: synced(machine), 60, lambda: f"an invoice is synced\n{machine.log()}"
            )

    told = "\n".join(said.values())
    assert "The configuration is good" in told
    assert re.search(r"^ok$", told, flags=re.MULTILINE)
    assert "Connected to" in told
    assert "synced" in said["syncd invoices list\n"]
    assert len(list((machine.root / "var/lib/syncd/backups").glob("syncd-*.db"))) == 1
    assert worlds.xero_books()["organisations"][0]["invoices"]
    for secret in machine.secrets:
        assert secret not in told


def synced(machine: Machine) -> bool:
    return '"state": "synced"' in machine.type("syncd invoices list --json\n")
