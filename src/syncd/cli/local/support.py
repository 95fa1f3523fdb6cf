"""`syncd support-bundle`: what whoever helps needs to see, in one file, and no secret in it.

What the daemon can be asked is asked of it; what cannot be had is named in the bundle instead of
keeping the rest out of it. Every text passes `_Scrubbed`, whatever it comes from.
"""

from __future__ import annotations

import json
import platform
import sys
import zipfile
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from syncd.bootstrap import upkeep
from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.local import service_log
from syncd.cli.local.service_log import NoLog
from syncd.cli.output import say
from syncd.cli.parameters import Daemon, Reached
from syncd.config import access, shown, sources
from syncd.config.options import Options, StoreSection
from syncd.domain.errors import ConfigError, StoreError
from syncd.runtime import sqlite_upkeep
from syncd.telemetry.redaction import MASK, masked

LINES = 2_000
MOST_LINE = 4_000
"""Characters of a line of the log that are kept."""
_ASKED = {
    "checks.json": "/readyz?verbose",
    "tenants.json": "/api/v1/tenants",
    "schedule.json": "/api/v1/schedule",
    "metrics.txt": "/metrics",
}
_FROM_STDIN = Path("-")
_READ_ME = """\
A support bundle of syncd.

configuration.json   every option in force; of secrets and people only whether they are given
versions.json        syncd, Python, SQLite, the libraries, the system
store.json           the engine and its version, sizes, and rows by table
checks.json          what the daemon says of itself
tenants.json         each tenant's card: its names, connection, queue, calls left, troubles
schedule.json        when each task runs next
metrics.txt          every counter and gauge, by tenant
log.txt              the last lines of the log: handed in, else the service's of this machine
invoice.json         one invoice's history, where it was asked for: names and amounts of customers
missing.txt          what could not be had, and why
"""


async def support_bundle(
    file: Path,
    *,
    log: Annotated[
        Path | None,
        Parameter(
            help="A file with the log, or - for what is piped in. Without it systemd's journal is "
            "asked, where there is one."
        ),
    ] = None,
    unit: Annotated[
        str, Parameter(help="The name of the service, as systemd's journal has it.")
    ] = service_log.UNIT,
    lines: Annotated[int, Parameter(help="So many of its last lines.")] = LINES,
    invoice: Annotated[
        str | None, Parameter(help="Also this invoice's history, by its number: it has names.")
    ] = None,
    tenant: Annotated[
        str | None, Parameter(help="The tenant, where several have that number.")
    ] = None,
    only_list: Annotated[
        bool, Parameter(name="--list", help="Say what it would contain, and write nothing.")
    ] = False,
    daemon: Daemon = None,
) -> None:
    """Write what whoever helps needs to see into one zip file, without any secret.

    What it contains is said before it is written. It holds names of tenants and organisations; no
    customer, unless --invoice asks for one. The daemon need not run.
    """
    if not only_list:
        _refuse_to_replace(file)
    bundle = _Bundle()
    reached = daemon or Reached()
    options = _configuration(bundle, reached.config)
    bundle.add("versions.json", _json(_versions()))
    if options is not None:
        await _store(bundle, options.store)
    await _daemon(bundle, reached, invoice, tenant)
    if log is not None:
        _log(bundle, log, lines)
    else:
        await _journal(bundle, unit, lines)
    say("The bundle contains:")
    for name, text in bundle.contents():
        say(f"  {name:20}{len(text.encode()):>9,} bytes")
    for name, why in bundle.missing.items():
        say(f"  {name:20}missing: {why}")
    if only_list:
        return
    _write(file, bundle)
    say(f"Written to {file}. Look into it before you hand it on.")


@dataclass(slots=True)
class _Bundle:
    """What will be written, each text without secrets."""

    secrets: frozenset[str] = frozenset()
    texts: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        """One file."""
        self.texts[name] = text

    def contents(self) -> list[tuple[str, str]]:
        """Every file as it will be written."""
        told = "".join(f"{name}: {why}\n" for name, why in self.missing.items())
        given = {"README.txt": _READ_ME, **self.texts, **({"missing.txt": told} if told else {})}
        return [(name, scrubbed(text, self.secrets)) for name, text in given.items()]


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """A text without these secrets, and without what looks like one; the longest are sought first.

    JSON writes some characters another way: what is sought in a text of JSON is sought so as well.
    """
    forms = {form for each in secrets for form in (each, json.dumps(each)[1:-1])}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return masked(text)


def _configuration(bundle: _Bundle, config: Path | None) -> Options | None:
    try:
        options = sources.load(config)
    except ConfigError as error:
        bundle.missing["configuration.json"] = "; ".join(error.problems)
        return None
    bundle.secrets = shown.secrets(options)
    bundle.add("configuration.json", _json(shown.without_secrets(options)))
    return options


def _versions() -> dict[str, Any]:
    commit = files("syncd.cli") / "files" / "commit"
    return {
        "syncd": metadata.version("syncd"),
        "commit": commit.read_text("utf-8").strip() if commit.is_file() else None,
        "python": sys.version,
        "sqlite": sqlite_upkeep.version(),
        "system": platform.platform(),
        "libraries": {
            each.name: each.version
            for each in sorted(metadata.distributions(), key=lambda each: each.name.lower())
        },
    }


async def _store(bundle: _Bundle, section: StoreSection) -> None:
    try:
        size = await upkeep.size(section)
        engine = await upkeep.engine(section)
    except StoreError as error:
        bundle.missing["store.json"] = str(error)
        return
    rows = {"rows": dict(size.rows), "file_bytes": size.file_bytes, "free_bytes": size.free_bytes}
    bundle.add("store.json", _json({"engine": engine, **rows, "log_bytes": size.log_bytes}))


async def _daemon(
    bundle: _Bundle, reached: Reached, invoice: str | None, tenant: str | None
) -> None:
    """What the daemon says, as far as somebody may ask it."""
    asked = (*_ASKED, *(["invoice.json"] if invoice else []))
    try:
        access.address(reached.url, reached.config)
        bundle.secrets |= {access.token(reached.token_file, reached.config)}
    except ConfigError as error:
        bundle.missing |= dict.fromkeys(asked, error.problems[0])
        return
    client = DaemonClient(reached)
    for name, path in _ASKED.items():
        if (text := await client.text(path)) is None:
            bundle.missing[name] = "the daemon gave no answer"
        else:
            bundle.add(name, _pretty(text) if name.endswith(".json") else text)
    if invoice is not None and "tenants.json" in bundle.texts:
        name, found = await listings.the_one(client, listings.INVOICES, invoice, tenant)
        whole = await client.get(listings.path(name, "invoices", found))
        story = await client.get(listings.path(name, "invoices", found, "explain"))
        bundle.add("invoice.json", _json({"invoice": whole, "story": story}))


def _log(bundle: _Bundle, log: Path, lines: int) -> None:
    """The last lines of a file, or of what is piped in."""
    try:
        if log == _FROM_STDIN:
            last = deque(sys.stdin, maxlen=max(lines, 1))
        else:
            with log.open(encoding="utf-8", errors="replace") as text:
                last = deque(text, maxlen=max(lines, 1))
    except OSError as error:
        bundle.missing["log.txt"] = f"{log}: {error.strerror}"
        return
    bundle.add("log.txt", "".join(f"{each.rstrip()[:MOST_LINE]}\n" for each in last))


async def _journal(bundle: _Bundle, unit: str, lines: int) -> None:
    """The last lines of the service's log, where systemd keeps it."""
    try:
        text = await service_log.last_lines(unit, max(lines, 1))
    except NoLog as error:
        bundle.missing["log.txt"] = error.text
        return
    last = text.splitlines()[-max(lines, 1) :]
    bundle.add("log.txt", "".join(f"{each[:MOST_LINE]}\n" for each in last))


def _refuse_to_replace(file: Path) -> None:
    if file.exists():
        end(Exit.FAILED, f"{file} is there already; nothing was written.")


def _write(file: Path, bundle: _Bundle) -> None:
    """Readable by whoever made it alone."""
    try:
        with file.open("xb") as target:
            file.chmod(0o600)
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in bundle.contents():
                    archive.writestr(name, text)
    except OSError as error:
        end(Exit.FAILED, f"{file} cannot be written: {error.strerror or error}")


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n"


def _pretty(text: str) -> str:
    try:
        return _json(json.loads(text))
    except ValueError:
        return text
