"""Stores that a daemon of before wrote, each with both worlds as they stood beside it.

`written` is what such a daemon lived through; `kept` are the files in which its end was kept, and
`taken_over` puts one of them under a daemon of today. Before a migration changes what is written,
`python -m tests.engine.support.old_stores` keeps one more.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from syncd.domain.ids import IncarnationId
from syncd.domain.model.settings import CodeMapping
from syncd.engine.recovery import lease_reaper
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.sandbox.seed import COST_CODES
from syncd.store import migrate
from syncd.store.unit_of_work import Store
from tests.engine.support.restored import backed_up, place, put_back
from tests.engine.support.rounds import LINE, Rounds, play
from tests.xero.support import worlds
from tests.xero.support.worlds import START, TENANT

FOLDER = Path(__file__).parent
TIED = {**LINE, "quantity": "3.5", "unitAmount": 95}
"""15 % of it lies exactly between two cents."""
POST = {"method": "POST", "path": "/Invoices"}
PUT = {"method": "PUT", "path": "/Invoices"}
CHOSEN = {code: CodeMapping(account=account) for code, account in COST_CODES.items()}
LATE = "MAT"
"""Nobody has said yet where this cost code leads."""


async def written(rounds: Rounds) -> None:
    """All that a store can hold of writes: agreed, edited, refused, given up, uncertain, held.

    Then a brake halts the tenant, a backup is taken, the day goes on, and the backup is put back.
    """
    rounds.choose(cost_codes={code: to for code, to in CHOSEN.items() if code != LATE})
    customer = rounds.customer()
    stand = [
        rounds.invoice(customer, f"PL-{at}", reference="PO 1", lines=[LINE, TIED])
        for at in range(5)
    ]
    await rounds.after(5)
    rounds.user(do="edit_invoice", id=stand[1], set={"reference": "PO 2", "lines": [TIED, LINE]})
    rounds.xero.do(do="edit", invoice=rounds.xero_id(stand[2]), set={"Reference": "checked"})
    rounds.user(do="delete", id=stand[3])
    await rounds.after(5)

    # Given up, and refused since: what was meant of it is all that is known of it.
    rounds.xero.world.faults.set([{"match": PUT, "do": "drop_before_commit", "times": 50}])
    rounds.invoice(customer, "PL-10")
    await rounds.after(400, step_s=20)
    rounds.xero.do(do="create_invoice", set={"InvoiceNumber": "PL-10"})
    rounds.xero.world.faults.set([])
    await rounds.after(300, step_s=20)
    rounds.invoice(customer, "PL-11", lines=[{**LINE, "costCode": LATE}])
    await rounds.turn()

    # A create that landed and one that did not, in one call, edited in Pipeline since; an update
    # that did not.
    rounds.xero.world.faults.set(
        [
            {"match": PUT, "do": "drop_after_commit", "times": 1},
            {"match": POST, "do": "drop_before_commit", "times": 1},
        ]
    )
    late = [rounds.invoice(customer, f"PL-{at}", lines=[LINE, TIED]) for at in (20, 21)]
    rounds.user(do="edit_invoice", id=stand[4], set={"reference": "PO 5", "lines": [TIED]})
    await rounds.turn()
    rounds.user(do="edit_invoice", id=late[0], set={"reference": "PO 20", "lines": [LINE]})

    rounds.choose(brake_money=Decimal(100))
    rounds.user(do="edit_invoice", id=stand[0], set={"lines": [{**LINE, "quantity": 90}]})
    await rounds.turn()
    backup = await backed_up(rounds)
    rounds.invoice(customer, "PL-30")
    await put_back(rounds, backup)


def _read(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()))


def kept() -> list[Path]:
    """Every store that was kept, oldest schema first."""
    return sorted(FOLDER.glob("store_*.json.gz"))


async def taken_over(rounds: Rounds, file: Path) -> None:
    """Both worlds as they stood, and a daemon of today on the store that was kept with them."""
    found = _read(file)
    await worlds.passes(found["xero"]["now"] - START)
    # How today's worlds behave is theirs to say, and what they call that.
    rounds.xero.world.load({**found["xero"], "switches": {}})
    rounds.pipeline.load(found["pipeline"])
    path = place(rounds).with_name("kept.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(found["store"])
    driver = InlineDriver(path)
    await migrate.upgrade(driver, rounds.context.now())
    rounds.context = replace(
        rounds.context, store=Store(driver), incarnation=IncarnationId("today")
    )
    await lease_reaper.start_up(rounds.context)


async def keep(rounds: Rounds) -> None:
    """Live through it all and keep what stands at its end."""
    await written(rounds)
    with closing(sqlite3.connect(place(rounds))) as connection:
        store = "\n".join(connection.iterdump())
        ((version,),) = connection.execute("SELECT max(version) FROM migrations")
    found = {"store": store, "xero": rounds.xero.world.dump(), "pipeline": rounds.pipeline.dump()}
    text = json.dumps(found, sort_keys=True).encode()
    (FOLDER / f"store_{version:04}.json.gz").write_bytes(gzip.compress(text, mtime=0))


def played(story: Callable[[Rounds], Coroutine[Any, Any, None]]) -> None:
    """Play a story that ends with another store than it began with, and close that."""

    async def whole(rounds: Rounds) -> None:
        await story(rounds)
        await rounds.context.store._driver.close()

    play(whole)


if __name__ == "__main__":
    played(keep)
    print(TENANT, [each.name for each in kept()])  # noqa: T201  (a person ran it)
