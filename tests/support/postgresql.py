"""A PostgreSQL server of the tests' own: made when a test first asks, gone with the tests.

It listens on a socket in its own folder only and forgets what it wrote when the machine dies. The
fixtures are in tests/conftest.py: `postgresql` is the server, `postgresql_url` a fresh, empty
database in it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

OWNER = "syncd"
"""Whose the databases are: a role that may make databases, and no superuser."""
WITH_PASSWORD = "sealed"
"""A role that the server lets in with `PASSWORD` only."""
PASSWORD = "an open sesame"
STARTED_S = 60.0
STOPPED_S = 30.0
# A server refuses to run as root.
SERVICE_USERS = ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "jit": "off",
    "max_prepared_transactions": "0",
    "logging_collector": "off",
    "log_statement": "none",
}


def binaries() -> Path:
    """The folder of `initdb`. Where none is, CI fails and everybody else is told aloud."""
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in found:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    said = "no PostgreSQL server on this machine, so nothing was run on it: apt install postgresql"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


class Cluster:
    """One server and its databases. Make with `started`."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self.folder = folder
        self._bin = bin_
        self._data = folder / "data"
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)

    def make(self) -> None:
        """Lay the server's files."""
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C", "--no-sync", "--no-instructions")  # fmt: skip
        rules = (
            f"local all {WITH_PASSWORD} scram-sha-256\n"
            "local all all trust\nlocal replication all trust\n"
        )
        (self._data / "pg_hba.conf").write_text(rules, "utf-8")
        self._settle()

    def _settle(self) -> None:
        """Write its settings: a later one counts where several are of one name."""
        lines = [f"{name} = '{value}'" for name, value in SETTINGS.items()]
        lines.append(f"unix_socket_directories = '{self.folder}'")
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def start(self) -> None:
        """Start it and wait until it answers. It ends with this process, however that ends."""
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603 - the server, told its folder
                self._as_service("--pdeathsig", "INT", self._bin / "postgres", "-D", self._data),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the tests; they stop it
            )
        end = time.monotonic() + STARTED_S
        while not self._answers():
            assert self._server.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.02)

    @contextmanager
    def standby(self) -> Iterator[Cluster]:
        """A server that follows this one and takes no writes, until `SELECT pg_promote()`."""
        with _own_folder() as folder:
            other = Cluster(folder, self._bin)
            self._run("pg_basebackup", "-h", self.folder, "-U", "postgres", "-D", other._data,
                      "-R", "-c", "fast", "--no-sync")  # fmt: skip
            other._settle()
            other.start()
            try:
                yield other
            finally:
                other.stop(signal.SIGQUIT)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends every session at once, SIGQUIT is as good as a power cut."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(STOPPED_S)
            self._server = None

    def signal_all(self, what: signal.Signals) -> None:
        """Send a signal to every process of it: after SIGSTOP it hears nobody until SIGCONT."""
        if self._server is not None:
            top = self._server.pid
            children = Path(f"/proc/{top}/task/{top}/children").read_text("ascii").split()
            for pid in (top, *map(int, children)):
                with suppress(ProcessLookupError):
                    os.kill(pid, what)

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as the superuser, each by itself; what they answered."""
        asked = [part for text in statements for part in ("-c", text)]
        return self._run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
            "-U", "postgres", "-d", database, *asked,
        ).strip()  # fmt: skip

    def dump(self, database: str) -> str:
        """A database as the statements that would make it again."""
        return self._run("pg_dump", "-h", self.folder, "-U", "postgres", database)

    def load(self, database: str, dumped: str) -> None:
        """Run what `dump` said."""
        file = self.folder / f"{database}.sql"
        file.write_text(dumped, "utf-8")
        self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                  "-U", "postgres", "-d", database, "-f", file)  # fmt: skip

    def url(self, database: str, *, user: str = OWNER) -> str:
        """Where a database of it is reached."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self, template: str = "template0") -> str:
        """One more database, which stays for as long as the server; its name."""
        name = f"t{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")
        return name

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A database of its own, empty or as the template is; its name."""
        name = self.new_database(template)
        try:
            yield name
        finally:
            if self._server is not None:
                self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @property
    def log(self) -> str:
        """What the server said of itself."""
        return (self.folder / "server.log").read_text("utf-8", "replace")

    def _answers(self) -> bool:
        asked = self._as_service(self._bin / "pg_isready", "-q", "-h", self.folder)
        ended = subprocess.run(asked, check=False, cwd=self.folder)  # noqa: S603 - as above
        return ended.returncode == 0

    def _run(self, program: str, *arguments: str | Path) -> str:
        ended = subprocess.run(  # noqa: S603 - its own programs
            self._as_service(self._bin / program, *arguments),
            check=False, capture_output=True, cwd=self.folder, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr.decode("utf-8", "replace")
        return ended.stdout.decode("utf-8")

    def _as_service(self, *arguments: str | Path) -> Sequence[str | Path]:
        if (user := service_user()) is None:
            return ["setpriv", *arguments] if arguments[0] == "--pdeathsig" else list(arguments)
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids, *arguments]


def service_user() -> pwd.struct_passwd | None:
    """Whom the server runs as; None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    return next(users[name] for name in SERVICE_USERS if name in users)


@contextmanager
def started() -> Iterator[Cluster]:
    """A server, with its roles; stopped and taken away at the end."""
    found = binaries()
    with _own_folder() as folder:
        cluster = Cluster(folder, found)
        try:
            cluster.make()
            cluster.start()
            cluster.sql(
                f"CREATE ROLE {OWNER} LOGIN CREATEDB",
                f"CREATE ROLE {WITH_PASSWORD} LOGIN PASSWORD '{PASSWORD}'",
            )
            yield cluster
        finally:
            cluster.stop(signal.SIGQUIT)  # nothing of it is kept


@contextmanager
def _own_folder() -> Iterator[Path]:
    # Not pytest's own folder: root's is closed to the server, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="syncd-postgresql-"))
    try:
        if (user := service_user()) is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes that is the server's own; skipped aloud without rights."""
    with _own_folder() as folder:
        mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", folder]
        mounted = subprocess.run(mounting, check=False, capture_output=True)  # noqa: S603  (of the system)
        if mounted.returncode != 0:
            pytest.skip("no file system may be mounted here, so no disk was filled: try as root")
        try:
            if (user := service_user()) is not None:
                os.chown(folder, user.pw_uid, user.pw_gid)
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=True)  # noqa: S603, S607  (as above)
