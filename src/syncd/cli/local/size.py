"""`syncd db size`: how large the store is, and what of it."""

from __future__ import annotations

from syncd.bootstrap import opening, upkeep
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.local.options import store_or_end
from syncd.cli.output import say, show_json
from syncd.cli.parameters import Config, Json
from syncd.domain.errors import StoreError

_KB = 1000


async def size(*, json: Json = False, config: Config = None) -> None:
    """How large the store is, what is free in its file, and the rows of each table that grows.

    The daemon may run.
    """
    section, _ = store_or_end(config)
    try:
        found = await upkeep.size(section)
    except StoreError as error:
        end(Exit.FAILED, str(error))
    if json:
        show_json(
            {
                "store": opening.place(section),
                "size_bytes": found.file_bytes,
                "free_bytes": found.free_bytes,
                "log_bytes": found.log_bytes,
                "rows": dict(found.rows),
            }
        )
        return
    of_file = f", {said(found.free_bytes)} of it free, and a log of {said(found.log_bytes)}"
    is_file = not section.is_shared
    say(f"{opening.place(section)}: {said(found.file_bytes)}{of_file if is_file else ''}.")
    for table, count in sorted(found.rows.items(), key=lambda each: -each[1]):
        say(f"{count:>12,} {table}")


def said(size_bytes: int) -> str:
    """A size as people say it."""
    size, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB"):
        if size < _KB:
            break
        size, unit = size / _KB, larger
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
