"""Looks at what is written back, with results for one test customer; it ends as it began.

Called by `examine`, only for a customer that was named. Its phone number is changed through
`fromXero`, and put back.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from syncd.lab.conformance.calls import Server
from syncd.lab.conformance.expectations import EXPECTED
from syncd.lab.conformance.reads import UNKNOWN
from syncd.lab.conformance.shapes import is_whole

NAMES = tuple(name for name in EXPECTED if name.startswith("write."))
_CONTACT = "11111111-1111-4111-8111-111111111111"
_TOO_MANY = 201
_PHONES = ("+64 9 555 0101", "+64 9 555 0102")


async def look(server: Server, customer: str, end: str | None) -> bool:
    """Write results for this customer; whether there is one. `end` is where the feed ended."""
    before = await server.get(f"/customers/{customer}")
    found = before.json if isinstance(before.json, dict) else {}
    if before.status != HTTPStatus.OK or not is_whole(found.get("version")):
        server.expectations.skip(f"the customer named is answered {before.status}", *NAMES)
        return False
    writer = _Writer(server, customer, first=int(server.now_s() * 1000))
    await _revisions(writer)
    await _batches(writer)
    after = await server.get(f"/customers/{customer}")
    silent = [after.json == before.json] + (
        [not await _entries(server, end, customer)] if end else []
    )
    server.expectations.hold("write.silent", all(silent), "results moved the customer or the feed")
    await _from_xero(writer, before.json, end)
    return True


class _Writer:
    """Puts results for the customer, each under a revision counted from `first`."""

    def __init__(self, server: Server, customer: str, *, first: int) -> None:
        self.server = server
        self.customer = customer
        self.first = first

    def item(self, at: int, reason: str, **more: Any) -> dict[str, Any]:
        """A result of this customer."""
        return {
            "kind": "customer",
            "id": self.customer,
            "revision": self.first + at,
            "state": "synced",
            "reason": reason,
            "xeroContactId": _CONTACT,
            **more,
        }

    async def put(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        """The answers, as far as they are answers."""
        answer = await self.server.post("/sync-results", {"results": items})
        found = answer.rows("results")
        at = [each.get("index") for each in found]
        got = f"{answer.status}: indexes {at} for {len(items)} items"
        self.server.expectations.hold("write.order", at == [*range(len(items))], got)
        return found if len(found) == len(items) else [{}] * len(items)

    async def expect(
        self, name: str, item: dict[str, Any], *outcomes: str, stands: int | None = None
    ) -> None:
        """Put one item and hold its outcome, and the revision that stands where one must."""
        (found,) = await self.put(item)
        is_so = found.get("outcome") in outcomes
        if stands is not None:
            is_so = is_so and found.get("revision") == self.first + stands
        self.server.expectations.hold(name, is_so, found)


async def _revisions(at: _Writer) -> None:
    await at.expect("write.stored", at.item(0, "first"), "stored", stands=0)
    await at.expect("write.same", at.item(0, "first"), "unchanged")
    await at.expect("write.other_content", at.item(0, "other"), "stale", stands=0)
    await at.expect("write.older", at.item(-1, "older"), "stale", stands=0)
    await at.expect("write.newer_same", at.item(1, "first"), "unchanged")
    unknown = at.item(2, "second", ofTheFuture={"any": ["thing"]})
    await at.expect("write.unknown_fields", unknown, "stored", "unchanged")


async def _batches(at: _Writer) -> None:
    hold = at.server.expectations.hold
    stranger = at.item(3, "third") | {"id": UNKNOWN}
    items = ({"kind": "customer", "id": at.customer}, at.item(4, "third"), stranger)
    broken, good, unknown = [each.get("outcome") for each in await at.put(*items)]
    hold("write.alone", (broken, good) == ("invalid", "stored"), f"{broken}, then {good}")
    hold("write.unknown_id", unknown == "not_found", f"{unknown}")
    many = [at.item(5 + more, "many") | {"id": UNKNOWN} for more in range(_TOO_MANY)]
    answer = await at.server.post("/sync-results", {"results": many})
    hold("write.too_many", answer.status == HTTPStatus.BAD_REQUEST, answer.in_words)


async def _from_xero(at: _Writer, before: dict[str, Any], end: str | None) -> None:
    server, version, phone = at.server, before["version"], before.get("phone")
    other = _PHONES[phone == _PHONES[0]]
    moved = {"fromXero": {"phone": other}}
    late = at.item(1000, "late", **moved, basedOnVersion=version - 1)
    (found,) = await at.put(late)
    unmoved = await server.get(f"/customers/{at.customer}")
    is_conflict = found.get("outcome") == "conflict" and unmoved.json == before
    server.expectations.hold("write.conflict", is_conflict, f"{found}")
    (found,) = await at.put(at.item(1001, "taken", **moved, basedOnVersion=version))
    after = await server.get(f"/customers/{at.customer}")
    shown = after.json if isinstance(after.json, dict) else {}
    entries = await _entries(server, end, at.customer) if end else [shown.get("version")]
    got = (
        f"{found.get('outcome')}; version {version}, then {shown.get('version')} with phone "
        f"{shown.get('phone')}; versions in the feed: {entries}"
    )
    is_applied = (shown.get("version"), shown.get("phone")) == (version + 1, other)
    is_once = entries == [version + 1]
    is_so = found.get("outcome") == "stored" and is_applied and is_once
    server.expectations.hold("write.from_xero", is_so, got)
    back = {"fromXero": {"phone": phone or ""}, "basedOnVersion": shown.get("version", version)}
    await at.put(at.item(1002, "put back", **back))


async def _entries(server: Server, end: str | None, customer: str) -> list[Any]:
    """The versions the feed shows of the customer since, each entry once."""
    answer = await server.get("/changes", cursor=end)
    rows = answer.rows("changes")
    own = {str(one.get("seq")): one.get("version") for one in rows if one.get("id") == customer}
    return [*own.values()]
