"""`syncd check-config` and `syncd keys`: is what we are told usable, before anything starts?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cyclopts import App

from syncd.bootstrap import preflight, trials
from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.local.options import unusable
from syncd.cli.output import console, say, show_json
from syncd.cli.parameters import Config, Json
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import ConfigError
from syncd.runtime import secret_files
from syncd.runtime.store_lock import holder
from syncd.runtime.vault import new_encryption_key

keys = App(
    name="keys",
    help="Encryption keys for secrets at rest.",
    help_epilogue="Example: `syncd keys generate`",
)


@keys.command(name="generate")
def generate() -> None:
    """Print a new Fernet key: a line for the encryption key file. The first line writes."""
    console().print(new_encryption_key(), markup=False)


@keys.command(name="rotate")
def rotate(*, config: Config = None) -> None:
    """Put a new key first in the encryption key file; the others still read.

    The daemon seals everything anew when it reloads (SIGHUP); after that the old lines may go.
    """
    try:
        file = sources.secret_file(config, "security", "encryption_key")
    except ConfigError as error:
        end(Exit.BAD_CONFIGURATION, "; ".join(error.problems))
    if file is None:
        end(
            Exit.FAILED,
            "security.encryption_key is not kept in a file of its own (encryption_key_file). "
            "Put a line from `syncd keys generate` before the others where it is kept.",
        )
    try:
        standing = file.read_text(encoding="utf-8")
        secret_files.replace(file, f"{new_encryption_key()}\n{standing}")
    except FileExistsError as error:
        text = f"{error.filename} is there: another rotation is under way, or was cut short. Remove"
        end(Exit.FAILED, f"{text} it and try again; {file} is as it was.")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "it is not text in UTF-8")
        end(Exit.FAILED, f"{file} cannot be changed: {why}; it is as it was.")
    say(
        f"{file} begins with a new key. Reload the daemon (systemctl reload syncd, or kill -HUP): "
        "it seals everything anew; after that the older lines may go."
    )


async def check_config(
    *, environment: bool = True, json: Json = False, config: Config = None
) -> None:
    """Check the configuration, then what it needs of this machine and of others.

    What `syncd run` would refuse is refused here, every error at once and by its key. Beside a
    running daemon its own addresses are no error, and nothing of it is touched.

    Parameters
    ----------
    environment
        Also check store, addresses, and each key and secret with one call
        (`--no-environment` leaves that out).
    """
    try:
        options = sources.load(config)
    except ConfigError as error:
        _say(_Found(problems=[*error.problems]), as_json=json)
        return
    found = _Found(tenants=len(options.tenants))
    found.hints += _wide_files(options, config)
    if not options.tenants:
        found.hints.append("tenants: none is configured; the daemon would serve nobody")
    if not options.security.all_operators():
        found.hints.append("security: there is no operator; nobody could connect a tenant")
    if environment:
        await _look_around(options, found)
    _say(found, as_json=json)


@dataclass(slots=True, kw_only=True)
class _Found:
    """What a check has found; with a problem the configuration is not usable."""

    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    tenants: int = 0
    daemon: int | None = None
    """The process of a daemon that has this store open."""


async def _look_around(options: Options, found: _Found) -> None:
    """This machine, then the others; the running daemon's own addresses are no problem."""
    found.problems += preflight.problems(options)
    found.problems += await preflight.store_problems(options)
    found.hints += await preflight.mapping_hints(options)
    found.hints += await preflight.added_hints(options)
    shared = options.store.is_shared
    found.daemon = None if shared else holder(options.store.path)
    taken = await preflight.address_problems(options)
    if found.daemon is None and not (shared and taken):
        found.problems += [f"{one}; is something else running there?" for one in taken.values()]
    else:
        foreign, hints = await trials.own_daemon(options, taken)
        found.problems += foreign
        found.hints += hints
    found.problems += await trials.problems(options)


def _say(found: _Found, *, as_json: bool) -> None:
    """Print it; exit 78 where there is a problem."""
    if as_json:
        show_json(
            {
                "usable": not found.problems,
                "problems": [_parts(one) for one in found.problems],
                "hints": [_parts(one) for one in found.hints],
                "tenants": found.tenants,
                "daemon": found.daemon,
            }
        )
        if found.problems:
            end(Exit.BAD_CONFIGURATION)
        return
    for hint in found.hints:
        complain(hint)
    if found.problems:
        unusable(found.problems)
    count = "1 tenant" if found.tenants == 1 else f"{found.tenants} tenants"
    say(f"The configuration is good: {count}.")
    if found.daemon is not None:
        say(f"A daemon works with this store (process {found.daemon}); syncd reload hands it over.")


def _parts(line: str) -> dict[str, str]:
    key, _, text = line.partition(": ")
    return {"key": key, "text": text}


def _wide_files(options: Options, config: Path | None) -> list[str]:
    """Files whose content is no business of everybody on this machine."""
    named = dict(sources.secret_files(config))
    if not options.store.is_shared:
        named["store.url"] = options.store.path
    files = [(key, file) for key, file in named.items() if secret_files.is_wide(file)]
    return [
        f"{key}: {file} can be read or changed by others than its owner; chmod 600 it"
        for key, file in files
    ]
