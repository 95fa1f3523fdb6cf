"""A stand-in for systemd's commands below a folder: what `docs/install.md` calls, on any machine.

`python service_manager.py ROOT systemctl enable --now syncd` starts what the unit below ROOT says:
the credentials it loads are copied to where the daemon is told they are, and it has come up when
it says READY on its notify socket, as with the real one.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

READY_S = 60.0


def below(root: Path, text: str) -> str:
    """Absolute paths of an installation, moved below `root`."""
    return re.sub(r"(?<![\w/.])/(?=(?:etc|opt|usr/local|var/lib)/)", f"{root}/", text)


def said(root: Path, unit: str) -> dict[str, list[str]]:
    """A unit and its drop-ins, every key with its values."""
    folder = root / "etc/systemd/system"
    found: dict[str, list[str]] = {}
    for file in (folder / unit, *sorted((folder / f"{unit}.d").glob("*.conf"))):
        for line in file.read_text("utf-8").splitlines():
            if "=" in line and not line.startswith("#"):
                key, _, value = line.partition("=")
                moved = below(root, value).replace("%S", str(root / "var/lib"))
                found.setdefault(key, []).append(moved)
    return found


def handed_over(root: Path, unit: dict[str, list[str]]) -> Path:
    """The credentials a unit loads, in a folder of the daemon's."""
    folder = root / "run/credentials"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    for line in unit.get("LoadCredential", ()):
        name, _, path = line.partition(":")
        shutil.copy(path, folder / name)
    return folder


def started(root: Path, name: str) -> None:
    unit = said(root, f"{name}.service")
    for each in unit["StateDirectory"][0].split():
        (root / "var/lib" / each).mkdir(parents=True, exist_ok=True, mode=0o700)
    if unit["Type"] == ["oneshot"]:
        subprocess.run(unit["ExecStart"][0].split(), check=True)  # noqa: S603 - our own program
        return
    notified = root / "run/notify"
    notified.unlink(missing_ok=True)
    environment = os.environ | {
        "CREDENTIALS_DIRECTORY": str(handed_over(root, unit)),
        "NOTIFY_SOCKET": str(notified),
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(notified))
        told.settimeout(READY_S)
        with (root / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                unit["ExecStart"][0].split(), stdout=log, stderr=log, env=environment,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        (root / f"{name}.pid").write_text(str(process.pid))
        while b"READY=1" not in told.recv(4096):
            pass


def stopped(root: Path, name: str) -> None:
    """Ask a service to end, and wait for it."""
    file = root / f"{name}.pid"
    if not file.exists():
        return
    pid = int(file.read_text())
    file.unlink()
    os.kill(pid, signal.SIGTERM)
    ends_at = time.monotonic() + READY_S
    while time.monotonic() < ends_at:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)


def main(root: Path, program: str, *words: str) -> None:
    match (program, *words):
        case ("systemd-tmpfiles", "--create", file):
            for line in Path(file).read_text("utf-8").splitlines():
                if line.startswith("d "):
                    _, path, mode, *_ = line.split()
                    Path(below(root, path)).mkdir(parents=True, exist_ok=True)
                    Path(below(root, path)).chmod(int(mode, 8))
        case ("systemctl", "daemon-reload"):
            pass
        case ("systemctl", "enable", "--now", name) if name.endswith(".timer"):
            assert said(root, name)["OnCalendar"]
        case ("systemctl", "enable", "--now", name) | ("systemctl", "start", name):
            started(root, name)
        case ("systemctl", "restart", name):
            stopped(root, name)
            started(root, name)
        case _:
            sys.exit(f"nobody has shown me how to do this: {program} {' '.join(words)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
