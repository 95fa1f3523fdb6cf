"""`syncd db`: upgrade, check, size, back up and restore the store's file."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from cyclopts import App

from syncd.bootstrap import restoration, upkeep
from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.local import backups
from syncd.cli.local.options import store_or_end
from syncd.cli.local.size import said, size
from syncd.cli.output import say, show_json
from syncd.cli.parameters import Config, Json
from syncd.domain.errors import StoreError
from syncd.domain.rules.text import wording
from syncd.runtime.system_clock import SystemClock

db = App(
    name="db",
    help="The store's file: upgrade, check, size, back up, restore.",
    help_epilogue="Example: `syncd db size`",
)
db.command(size, name="size")
NEXT = tuple(
    """\
Start the daemon. It reads what was changed in Xero since the day before the backup and creates \
nothing until that is done; syncd status says so meanwhile.
Where both sides changed since and differ, the invoice is out of sync and waits for you: syncd \
invoices list --state out_of_sync.
Xero's refresh token in the backup may have been renewed since. Then a tenant becomes \
TOKEN_EXPIRED, its work waits, and syncd connect TENANT connects it again; nothing is lost.
""".splitlines()
)
"""What people have to know and do after a restore."""


@db.command(name="upgrade")
async def upgrade(*, json: Json = False, config: Config = None) -> None:
    """Bring the store to this program's schema. The daemon must not run; it does so by itself."""
    path, _ = store_or_end(config)
    try:
        applied = await upkeep.upgrade(path, SystemClock().now())
    except StoreError as error:
        end(Exit.FAILED, str(error))
    if json:
        show_json({"store": str(path), "applied": list(applied)})
    elif applied:
        say(f"{path}: applied {', '.join(applied)}.")
    else:
        say(f"{path}: nothing to apply, the schema is this program's.")


@db.command(name="check")
async def check(*, json: Json = False, config: Config = None) -> None:
    """Check the store: pages, references, migrations, journal, open writes. The daemon may run.

    Exit 0 when it is sound, 1 when it is not.
    """
    path, _ = store_or_end(config)
    try:
        found = await upkeep.check(path)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    opened = found.open_intents
    if json:
        show_json(
            {
                "store": str(path),
                "sound": not found.problems,
                "size_bytes": found.size_bytes,
                "problems": list(found.problems),
                "pending_migrations": list(found.pending),
                "open_intents": None if opened is None else opened.count,
                "oldest_open_intent_at": None if opened is None else _text(opened.oldest_at),
            }
        )
    else:
        _say_check(found)
    if found.problems:
        end(Exit.FAILED)


@db.command(name="backup")
async def backup(
    file: Path, *, keep: int | None = None, json: Json = False, config: Config = None
) -> None:
    """Copy the store into a new file, whole and consistent, while the daemon runs.

    The file holds everything, sealed tokens included: keep it where only you can read it, and
    apart from the encryption key.

    Parameters
    ----------
    file
        The file to make; one that exists is not overwritten. Of a folder: a file in it, named by
        the instant.
    keep
        In a folder: so many backups stay, older ones are removed once the new one is checked.
    """
    path, _ = store_or_end(config)
    now = SystemClock().now()
    target = backups.target(file, now, keep)
    try:
        made = await upkeep.back_up(path, target, now)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    if keep is not None:
        backups.remove_older(file, keep)
    age_s = None if made.written_at is None else (made.taken_at - made.written_at).total_seconds()
    if json:
        show_json(
            {
                "file": str(made.path),
                "size_bytes": made.size_bytes,
                "taken_at": _text(made.taken_at),
                "written_at": _text(made.written_at),
                "age_s": age_s,
            }
        )
        return
    since = (
        ""
        if age_s is None
        else f"; the store was last written to about {wording.lasting(age_s)} before"
    )
    length = said(made.size_bytes)
    say(f"{made.path}: {length}, taken at {_text(made.taken_at)}, checked{since}.")


@db.command(name="restore")
async def restore(file: Path, *, json: Json = False, config: Config = None) -> None:
    """Put a backup in the place of the store, which is kept beside it. The daemon must not run.

    Nothing is created in Xero until everything changed there since the backup has been read. Calls
    nobody itself.

    Parameters
    ----------
    file
        A file made by `syncd db backup`, or a copy of a store that was at rest.
    """
    path, names = store_or_end(config)
    now = SystemClock().now()
    try:
        done = await restoration.restore(path, file, now, names)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    age_s = (now - done.taken_at).total_seconds()
    if json:
        show_json(
            {
                "store": str(done.path),
                "kept": None if done.kept is None else str(done.kept),
                "size_bytes": done.size_bytes,
                "taken_at": _text(done.taken_at),
                "age_s": age_s,
                "look_since": _text(done.look_since),
                "applied": list(done.applied),
                "tenants": [asdict(one) for one in done.tenants],
                "next": list(NEXT),
            }
        )
        return
    length = said(done.size_bytes)
    say(
        f"{done.path}: restored, {length}, taken at {_text(done.taken_at)}, "
        f"about {wording.lasting(age_s)} ago."
    )
    if done.kept is not None:
        say(f"The store that was there is kept as {done.kept}.")
    for one in done.tenants:
        say(f"{one.tenant}: {one.invoices} invoices and {one.customers} customers to verify.")
    for line in NEXT:
        say(line)


def _say_check(found: upkeep.Checked) -> None:
    for problem in found.problems:
        complain(problem)
    verdict = f"{len(found.problems)} problems" if found.problems else "sound"
    say(f"{found.path}: {said(found.size_bytes)}, {verdict}.")
    if found.pending:
        say(f"Migrations to come at the next start: {', '.join(found.pending)}.")
    if found.open_intents is not None and found.open_intents.count:
        say(
            f"{found.open_intents.count} writes have no certain outcome yet, the first since "
            f"{_text(found.open_intents.oldest_at)}; the daemon looks them up in Xero."
        )


def _text(at: datetime | None) -> Any:
    return None if at is None else at.isoformat(timespec="seconds")
