"""`syncd db`: upgrade, check, size, back up and restore the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import anyio
from cyclopts import App, Parameter

from syncd.bootstrap import copying, opening, restoration, upkeep
from syncd.bootstrap.copying import CopyProgress
from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.local import backups
from syncd.cli.local.options import file_or_end, store_or_end, unusable
from syncd.cli.local.size import said, size
from syncd.cli.output import say, show_json
from syncd.cli.parameters import Config, Json
from syncd.config import sources
from syncd.domain.errors import ConfigError, StoreError
from syncd.domain.rules.text import wording
from syncd.runtime.system_clock import SystemClock

db = App(
    name="db",
    help="The store: upgrade, check, size, copy, back up, restore.",
    help_epilogue="Example: `syncd db size`",
)
db.command(size, name="size")
SAY_EVERY_S = 3.0
"""A copy tells its progress no more often."""
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
_OF_A_DATABASE = """\
The store is a PostgreSQL database, and its backups are made by the server's own tools: \
pg_dump --format custom --schema syncd --file FILE DATABASE for one instant, whole and consistent \
while replicas work; pg_basebackup with an archive of the write-ahead log where not even the last \
minutes may be lost. Keep it apart from the encryption key: sealed tokens are in it. After putting \
one back: syncd db mark-restored --taken-at INSTANT, before any replica starts."""
_DATABASE_BACK = """\
The store is a PostgreSQL database, and is put back by the server's own tools. Stop every replica; \
pg_restore --clean --if-exists --dbname DATABASE FILE, or recover the base backup to its point in \
time; then syncd db mark-restored --taken-at INSTANT, before any replica starts: without it \
invoices could be created twice."""


@db.command(name="upgrade")
async def upgrade(*, json: Json = False, config: Config = None) -> None:
    """Bring the store to this program's schema. The daemon must not run; it does so by itself."""
    section, _ = store_or_end(config)
    place = opening.place(section)
    try:
        applied = await upkeep.upgrade(section, SystemClock().now())
    except StoreError as error:
        end(Exit.FAILED, str(error))
    if json:
        show_json({"store": place, "applied": list(applied)})
    elif applied:
        say(f"{place}: applied {', '.join(applied)}.")
    else:
        say(f"{place}: nothing to apply, the schema is this program's.")


@db.command(name="check")
async def check(*, json: Json = False, config: Config = None) -> None:
    """Check the store: pages, references, migrations, journal, open writes. The daemon may run.

    Pages and references of a database are its server's to keep (pg_amcheck looks at them).
    Exit 0 when it is sound, 1 when it is not.
    """
    section, _ = store_or_end(config)
    try:
        found = await upkeep.check(section)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    opened = found.open_intents
    if json:
        show_json(
            {
                "store": found.store,
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


@db.command(name="copy")
async def copy(
    source: Annotated[str, Parameter(name="FROM")],
    target: Annotated[str, Parameter(name="TO")],
    *,
    password_file: Path | None = None,
    json: Json = False,
) -> None:
    """Copy a whole store from a file into a PostgreSQL database, or back. No daemon may run.

    The copy is read back and compared, table by table, and its journal's chain is followed. Until
    its end the target is refused as a store; one that was cut is made anew by the same command.
    Progress is told on standard error.

    Parameters
    ----------
    source
        The store to copy, as store.url has it: sqlite:///PATH or postgresql://ROLE@HOST/DATABASE.
    target
        Where to: an empty database, or a file that is not there.
    password_file
        A file with the role's password; else PGPASSWORD or ~/.pgpass, as for psql.
    """
    sections = []
    try:
        for url in (source, target):
            said = {"url": url}
            if password_file is not None and url.startswith("postgresql:"):
                said["password_file"] = str(password_file)
            sections.append(sources.store_section(said))
    except ConfigError as error:
        words = {"store.url": "FROM, TO", "store.password_file": "--password-file"}
        words["store.password"] = "--password-file"
        unusable([_in_words(one, words) for one in error.problems])
    progress = _Progress()
    try:
        done = await copying.copy(sections[0], sections[1], SystemClock().now(), progress.take)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    count = sum(rows for _, rows in done.rows)
    if json:
        show_json(
            {
                "source": done.source,
                "target": done.target,
                "rows": dict(done.rows),
                "journal_entries": done.journal_entries,
            }
        )
        return
    say(
        f"{done.target}: {count:,} rows of {len(done.rows)} tables, equal to those of "
        f"{done.source}; the journal's chain fits, {done.journal_entries:,} entries."
    )
    say("Set store.url to it, and start the daemon. The source is as it was: never start both.")


@db.command(name="backup")
async def backup(
    file: Path, *, keep: int | None = None, json: Json = False, config: Config = None
) -> None:
    """Copy the store into a new file, whole and consistent, while the daemon runs.

    Of a database the server's own tools make backups; this says which.

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
    path, _ = file_or_end(config, _OF_A_DATABASE)
    now = SystemClock().now()
    target = backups.target(file, now, keep)
    try:
        made = await upkeep.back_up(path, target, now)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    if keep is not None:
        backups.remove_older(file, keep, made.path)
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

    A database is put back by the server's own tools, and marked by `syncd db mark-restored` then.
    Nothing is created in Xero until everything changed there since the backup has been read. Calls
    nobody itself.

    Parameters
    ----------
    file
        A file made by `syncd db backup`, or a copy of a store that was at rest.
    """
    path, names = file_or_end(config, _DATABASE_BACK)
    now = SystemClock().now()
    try:
        done = await restoration.restore(path, file, now, names)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    if json:
        kept = None if done.kept is None else str(done.kept)
        placed = {"store": str(done.path), "kept": kept, "size_bytes": done.size_bytes}
        stopped = {"stopped": [asdict(one) for one in done.kept_still]}
        show_json(placed | stopped | _as_json(done, now))
        return
    length = said(done.size_bytes)
    say(
        f"{done.path}: restored, {length}, taken at {_text(done.taken_at)}, "
        f"about {wording.lasting(_age_s(done, now))} ago."
    )
    if done.kept is not None:
        say(f"The store that was there is kept as {done.kept}.")
    for one in done.kept_still:
        say(f"{one.tenant} {one.text}")
    _say_next(done)


@db.command(name="mark-restored")
async def mark_restored(
    *, taken_at: str | None = None, json: Json = False, config: Config = None
) -> None:
    """Mark a store that was put back by other means than `syncd db restore`: no daemon may run.

    After the server's own restore of a database (pg_restore, a base backup, a point in time), or
    after a copy of a disk. Nothing is created in Xero until everything changed there since has been
    read. Calls nobody itself.

    Parameters
    ----------
    taken_at
        When that backup was taken, such as 2026-11-30T21:00:00Z; without it, and at the latest, the
        newest instant that stands in the store.
    """
    section, names = store_or_end(config)
    now = SystemClock().now()
    said_at = None if taken_at is None else _instant(taken_at)
    if said_at is not None and said_at > now:
        end(Exit.USAGE, f"--taken-at: expected an instant that has been, got {taken_at}")
    try:
        done = await restoration.mark_restored(section, said_at, now, names)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    if json:
        show_json({"store": done.store} | _as_json(done, now))
        return
    say(
        f"{done.store}: marked as restored from a backup taken at {_text(done.taken_at)}, "
        f"about {wording.lasting(_age_s(done, now))} ago."
    )
    _say_next(done)


_Marked = restoration.Restored | restoration.MarkedRestored


def _age_s(done: _Marked, now: datetime) -> float:
    return (now - done.taken_at).total_seconds()


def _as_json(done: _Marked, now: datetime) -> dict[str, object]:
    """What was marked, and what is to be done next."""
    return {
        "taken_at": _text(done.taken_at),
        "age_s": _age_s(done, now),
        "look_since": _text(done.look_since),
        "applied": list(done.applied),
        "tenants": [asdict(one) for one in done.tenants],
        "next": list(NEXT),
    }


def _say_next(done: _Marked) -> None:
    for one in done.tenants:
        say(f"{one.tenant}: {one.invoices} invoices and {one.customers} customers to verify.")
    for line in NEXT:
        say(line)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        expected = "an instant with its offset, such as 2026-11-30T21:00:00Z"
        end(Exit.USAGE, f"--taken-at: expected {expected}, got {text}")
    return found


def _say_check(found: upkeep.Checked) -> None:
    for problem in found.problems:
        complain(problem)
    verdict = f"{len(found.problems)} problems" if found.problems else "sound"
    say(f"{found.store}: {said(found.size_bytes)}, {verdict}.")
    if found.pending:
        say(f"Migrations to come at the next start: {', '.join(found.pending)}.")
    if found.open_intents is not None and found.open_intents.count:
        say(
            f"{found.open_intents.count} writes have no certain outcome yet, the first since "
            f"{_text(found.open_intents.oldest_at)}; the daemon looks them up in Xero."
        )


def _text(at: datetime | None) -> Any:
    return None if at is None else at.isoformat(timespec="seconds")


def _in_words(problem: str, words: Mapping[str, str]) -> str:
    """A problem of a configuration's key, by what was typed instead of it."""
    for key, typed in words.items():
        problem = problem.replace(key, typed)
    return problem


class _Progress:
    """Says how far it is, every few seconds."""

    def __init__(self) -> None:
        self._said_at = anyio.current_time()

    def take(self, progress: CopyProgress) -> None:
        if anyio.current_time() - self._said_at < SAY_EVERY_S:
            return
        self._said_at = anyio.current_time()
        what = "Comparing" if progress.is_compared else "Copying"
        complain(f"{what} {progress.table}: {progress.rows:,} of {progress.of:,} rows.")
