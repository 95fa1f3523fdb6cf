"""The smallest script that keeps the promise of a create: stored, sent once, compared, told.

Started by `bench/drain.py` as a process of its own, so that its CPU is its own; says how far any
daemon of this kind could get. The first line of stdin says where both worlds are and takes all
invoices in; each further one asks for a round, `{"count"}`, answered with `{"cpu_s", "count"}`, or
for the proof, `{"verify": true}`, answered with what stands.

A round reads invoices as they were taken in, decides them (codes, checks, exact totals), commits
each call with its bytes and elements before the first byte leaves, sends it once, compares every
field of every element of the answer with what was meant, commits outcome, base and journal
together, and tells Pipeline under a revision. Where nothing differs there is one row for a call:
its elements, its outcome and its part of the journal, each entry with a salted digest of its words
and the chain's; a row for each document has what later reads need, as sent. Calls that wait for
the disk at the same time share a commit, as tenants do.

It leaves out what a create without trouble does not need: updates, repeats, leases, brakes, tokens,
allowances, logs, metrics, and reading its own paper after a crash.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import queue
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from importlib.util import find_spec
from itertools import count as numbers
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.floor_rules import (  # noqa: E402 - after the path
    ENCODER,
    READ_ANSWER,
    READ_PAGE,
    READ_PUT,
    Choices,
    Meant,
    Told,
    XeroInvoice,
    decide,
    difference,
)

T = TypeVar("T")
BATCH = 50
LINGER_S = 0.005
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE desired (
  seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE calls (
  id INTEGER PRIMARY KEY, idempotency_key TEXT NOT NULL, body BLOB NOT NULL,
  elements BLOB NOT NULL, outcome TEXT, told INTEGER
);
CREATE TABLE exceptions (call INTEGER NOT NULL, element INTEGER NOT NULL, why TEXT NOT NULL);
CREATE TABLE documents (
  key TEXT PRIMARY KEY, xero_id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, base BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE journal (
  place INTEGER PRIMARY KEY, call INTEGER NOT NULL, at TEXT NOT NULL, entries BLOB NOT NULL
);
"""


# --- the disk


class Disk:
    """One thread that writes; those who wait at the same time share a commit."""

    def __init__(self, path: Path) -> None:
        self._waiting: queue.SimpleQueue[tuple[Callable[[Any], Any], Any, Any] | None] = (
            queue.SimpleQueue()
        )
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(SCHEMA)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    async def write(self, what: Callable[[sqlite3.Connection], T]) -> T:
        """Do `what` in a transaction; answers once it is on disk."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.put((what, loop, done))
        return await done

    def close(self) -> None:
        """After all that waits."""
        self._waiting.put(None)
        self._thread.join()
        self._db.close()

    def _work(self) -> None:
        try:
            while (first := self._waiting.get()) is not None:
                time.sleep(LINGER_S)
                group = [first]
                while not self._waiting.empty() and (another := self._waiting.get()) is not None:
                    group.append(another)
                self._db.execute("BEGIN IMMEDIATE")
                answers = [(done, what(self._db)) for what, _, done in group]
                self._db.execute("COMMIT")
                first[1].call_soon_threadsafe(_answer, answers)
        except BaseException:  # noqa: BLE001 - nobody would ever be answered
            traceback.print_exc()
            os._exit(1)


def _answer(answers: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for done, value in answers:
        done.set_result(value)


# --- the work


Row = tuple[int, str, int, bytes]
"""Place in the queue, key, version, body as it was taken in."""


class Floor:
    """Both worlds, the file, and where the queue stands."""

    def __init__(self, told: Mapping[str, Any], http: aiohttp.ClientSession, disk: Disk) -> None:
        self._told = told
        self._http = http
        self._disk = disk
        self._after = 0
        self._calls = numbers(1)
        self._head = bytes(32)
        self._choices = msgspec.convert(told["choices"] | {"contacts": {}}, Choices, strict=False)
        self._xero = {
            "Authorization": f"Bearer {told['access_token']}",
            "xero-tenant-id": told["tenant_id"],
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        self._pipeline = {"Authorization": f"Bearer {told['pipeline_key']}"}

    async def take_in(self) -> None:
        """The whole feed onto disk, and a contact for every customer."""
        cursor = ""
        while True:
            page = READ_PAGE.decode(await self._get(f"/changes?limit=500{cursor}"))
            rows = [
                (one.id, one.version, bytes(one.data))
                for one in page.changes
                if one.kind == "invoice" and not one.deleted
            ]
            await self._disk.write(
                lambda db, rows=rows: db.executemany(  # type: ignore[misc]  # bound at once
                    "INSERT INTO desired (key, version, body) VALUES (?, ?, ?)", rows
                )
            )
            await self._introduce(
                [json.loads(bytes(one.data)) for one in page.changes if one.kind == "customer"]
            )
            if not page.has_more:
                return
            cursor = f"&cursor={page.next_cursor}"

    async def _introduce(self, customers: Sequence[Mapping[str, Any]]) -> None:
        if not customers:
            return
        wanted = [{"Name": one["name"], "ContactNumber": one["id"]} for one in customers]
        made = json.loads(await self._put("Contacts", json.dumps({"Contacts": wanted}).encode()))
        self._choices.contacts |= {
            one["ContactNumber"]: one["ContactID"] for one in made["Contacts"]
        }
        await self._tell(
            json.dumps(
                {
                    "kind": "customer",
                    "revision": 1,
                    "id": one["id"],
                    "state": "synced",
                    "xeroContactId": self._choices.contacts[one["id"]],
                }
            ).encode()
            for one in customers
        )

    async def round(self, count: int) -> None:
        """Bring the next `count` invoices to Xero, all their calls at once."""
        starts = range(self._after, self._after + count, BATCH)
        self._after += count
        await asyncio.gather(*(self._batch(at, min(at + BATCH, self._after)) for at in starts))

    async def _batch(self, after: int, upto: int) -> None:
        rows: list[Row] = await self._disk.write(
            lambda db: db.execute(
                "SELECT seq, key, version, body FROM desired WHERE seq > ? AND seq <= ? "
                "ORDER BY seq",
                (after, upto),
            ).fetchall()
        )
        decided = [decide(body, self._choices) for _, _, _, body in rows]
        if bad := [one for one in decided if isinstance(one, str)]:
            raise SystemExit(f"the floor's invoices are all good, but {bad[0]}")
        meant = [one for one in decided if isinstance(one, Meant)]
        call, key = next(self._calls), str(uuid.uuid4())
        body = ENCODER.encode({"Invoices": [one.written for one in meant]})
        elements = ENCODER.encode([(seq, version) for seq, _, version, _ in rows])
        await self._disk.write(
            lambda db: db.execute(
                "INSERT INTO calls (id, idempotency_key, body, elements) VALUES (?, ?, ?, ?)",
                (call, key, body, elements),
            )
        )
        answered = await self._put("Invoices", body, key)
        found = READ_ANSWER.decode(answered).invoices
        if len(found) != len(meant):
            raise SystemExit(f"{len(meant)} were sent, {len(found)} answered")
        await self._disk.write(lambda db: self._settle(db, call, meant, found))
        await self._tell(
            ENCODER.encode(_told(one, shown)) for one, shown in zip(meant, found, strict=True)
        )
        await self._disk.write(
            lambda db: db.execute("UPDATE calls SET told = 1 WHERE id = ?", (call,))
        )

    def _settle(
        self,
        db: sqlite3.Connection,
        call: int,
        meant: Sequence[Meant],
        found: Sequence[XeroInvoice],
    ) -> None:
        """Outcome, bases and journal; what Xero shows otherwise is an exception of its own."""
        differing = [
            (call, at, why)
            for at, (one, shown) in enumerate(zip(meant, found, strict=True))
            if (why := difference(one, shown))
        ]
        if differing:
            db.executemany("INSERT INTO exceptions VALUES (?, ?, ?)", differing)
        stands = [
            (one.invoice.id, shown.invoice_id, 1, _base(one, shown))
            for one, shown in zip(meant, found, strict=True)
        ]
        db.executemany("INSERT INTO documents VALUES (?, ?, ?, ?)", stands)
        salts, entries = os.urandom(16 * len(meant)), []
        for at, one in enumerate(meant):
            words = f"Created in Xero: {one.invoice.number}, Pipeline version {one.invoice.version}"
            salt = salts[16 * at : 16 * at + 16]
            self._head = _chained(self._head, salt, words)
            entries.append((one.invoice.id, words, salt, self._head))
        db.execute(
            "INSERT INTO journal (call, at, entries) VALUES (?, ?, ?)",
            (call, f"{time.time():.6f}", msgspec.msgpack.encode(entries)),
        )
        db.execute("UPDATE calls SET outcome = 'applied' WHERE id = ?", (call,))

    async def verify(self) -> dict[str, int]:
        """What stands; exits where the journal does not hold or something is open."""
        counted: dict[str, int] = await self._disk.write(
            lambda db: {
                name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own names
                for name in ("desired", "documents", "exceptions", "calls", "journal")
            }
        )
        journal = await self._disk.write(
            lambda db: db.execute("SELECT entries FROM journal ORDER BY place").fetchall()
        )
        head, entries = bytes(32), 0
        for (body,) in journal:
            for _, words, salt, digest in msgspec.msgpack.decode(body):
                head, entries = _chained(head, salt, words), entries + 1
                if head != digest:
                    raise SystemExit("the floor's journal does not hold")
        (still_open,) = await self._disk.write(
            lambda db: db.execute(
                "SELECT count(*) FROM calls WHERE outcome IS NULL OR told IS NULL"
            ).fetchone()
        )
        return counted | {"entries": entries, "open": still_open}

    async def _get(self, target: str) -> bytes:
        url = f"{self._told['pipeline_url']}{target}"
        async with self._http.get(url, headers=self._pipeline) as answer:
            return await _read(answer)

    async def _put(self, what: str, body: bytes, key: str = "") -> bytes:
        url = f"{self._told['api_url']}/api.xro/2.0/{what}?summarizeErrors=false&unitdp=4"
        headers = self._xero | ({"Idempotency-Key": key} if key else {})
        async with self._http.put(url, data=body, headers=headers) as answer:
            return await _read(answer)

    async def _tell(self, results: Iterable[bytes]) -> None:
        url = f"{self._told['pipeline_url']}/sync-results"
        body = b'{"results":[%s]}' % b",".join(results)
        headers = self._pipeline | {"Content-Type": "application/json"}
        async with self._http.post(url, data=body, headers=headers) as answer:
            told = READ_PUT.decode(await _read(answer)).results
        if bad := [one for one in told if one.outcome not in ("stored", "unchanged")]:
            raise SystemExit(f"Pipeline did not store {len(bad)} results: {bad[0].outcome}")


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = await answer.read()
    if answer.status != 200:  # noqa: PLR2004 - the one good answer
        raise SystemExit(f"{answer.url}: {answer.status} {body[:500]!r}")
    return body


def _base(one: Meant, shown: XeroInvoice) -> bytes:
    """What both sides agreed on, as sent: the version, and each line's codes and id."""
    codes = [(line.account_code, line.tax_type, line.line_item_id) for line in shown.line_items]
    return msgspec.msgpack.encode((one.invoice.version, codes))


def _chained(before: bytes, salt: bytes, words: str) -> bytes:
    """The digest of an entry: of its salted words, and of the entry before it."""
    said = hashlib.sha256(salt + words.encode()).digest()
    return hashlib.sha256(before + said).digest()


def _told(one: Meant, shown: XeroInvoice) -> Told:
    return Told(
        kind="invoice",
        revision=1,
        id=one.invoice.id,
        state="synced",
        xero_invoice_id=shown.invoice_id or "",
        xero_invoice_number=shown.invoice_number,
        xero_status=shown.status,
        amount_paid=shown.amount_paid or Decimal(0),
        amount_credited=Decimal(0),
        amount_due=shown.amount_due or Decimal(0),
        synced_version=one.invoice.version,
    )


async def serve(path: Path) -> None:
    """Rounds as asked, until stdin ends."""
    asked = iter(sys.stdin.readline, "")
    async with aiohttp.ClientSession() as http:
        disk = Disk(path)
        floor = Floor(json.loads(next(asked)), http, disk)
        await floor.take_in()
        for line in asked:
            order = json.loads(line)
            if order.get("verify"):
                print(json.dumps(await floor.verify()), flush=True)
                continue
            began_s = time.process_time()
            await floor.round(order["count"])
            used = {"cpu_s": time.process_time() - began_s, "count": order["count"]}
            print(json.dumps(used), flush=True)
        disk.close()


def main() -> None:
    """Serve on the loop that the daemon has."""
    with tempfile.TemporaryDirectory(prefix="syncd-floor-") as folder:
        serving = serve(Path(folder) / "floor.db")
        if find_spec("uvloop"):
            import uvloop  # noqa: PLC0415 - as the daemon does

            uvloop.run(serving)
        else:
            asyncio.run(serving)


if __name__ == "__main__":
    main()
