from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User


def walk(ask: Any, **query: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    status, page = ask("GET", "/changes", **query)
    while True:
        assert status == 200
        entries += page["changes"]
        if not page["hasMore"]:
            return entries
        status, page = ask("GET", "/changes", cursor=page["nextCursor"], limit=query["limit"])


def test_feed_brings_every_change_once_in_rising_order(ask: Any, user: User, customer: str) -> None:
    for at in range(7):
        user({"do": "create_invoice", "number": f"N-{at}", "customerId": customer})
    seqs = [entry["seq"] for entry in walk(ask, limit="3")]
    assert len(seqs) == 8
    assert seqs == sorted(set(seqs))


def test_feed_entry_carries_the_newest_document_and_its_own_version(
    ask: Any, user: User, invoice: str
) -> None:
    user({"do": "approve", "id": invoice, "by": "Robin"})
    first, second = (entry for entry in walk(ask, limit="9") if entry["kind"] == "invoice")
    assert (first["version"], second["version"]) == (1, 2)
    assert first["data"] == second["data"]
    assert first["data"]["status"] == "Approved"
    assert second["by"] == "Robin"


def test_deleted_object_is_a_tombstone_from_its_first_entry(
    ask: Any, user: User, invoice: str
) -> None:
    user({"do": "delete", "id": invoice})
    entries = [entry for entry in walk(ask, limit="9") if entry["id"] == invoice]
    assert [(entry["deleted"], entry["data"]) for entry in entries] == [(True, None)] * 2
    assert entries[-1]["version"] == 2


def test_tombstone_older_than_400_days_is_gone(
    ask: Any, world: PipelineWorld, user: User, invoice: str
) -> None:
    user({"do": "delete", "id": invoice})
    world.clock.advance(401 * 86_400)
    assert [entry["kind"] for entry in walk(ask, limit="9")] == ["customer"]


def test_cursor_at_the_end_is_polled_again_and_sees_what_comes(
    ask: Any, user: User, customer: str
) -> None:
    _, page = ask("GET", "/changes")
    _, again = ask("GET", "/changes", cursor=page["nextCursor"])
    assert again["changes"] == []
    assert again["nextCursor"] == page["nextCursor"]
    user({"do": "edit_customer", "id": customer, "set": {"phone": "09 555 1234"}})
    _, more = ask("GET", "/changes", cursor=again["nextCursor"])
    assert [entry["version"] for entry in more["changes"]] == [2]


def test_from_starts_the_feed_at_an_instant(
    ask: Any, world: PipelineWorld, user: User, customer: str
) -> None:
    world.clock.advance(60)
    since = world.clock.utc().isoformat()
    world.clock.advance(1)
    user({"do": "create_invoice", "number": "N-1", "customerId": customer})
    _, page = ask("GET", "/changes", **{"from": since})
    assert [entry["kind"] for entry in page["changes"]] == ["invoice"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"cursor": "nonsense"},
        {"from": "2026-01-01"},
        {"cursor": "MC4w", "from": "2026-01-01T00:00:00Z"},
    ],
)
def test_wrong_query_is_refused_with_a_problem(ask: Any, query: dict[str, str]) -> None:
    status, body = ask("GET", "/changes", **query)
    assert status == body["status"] == 400


@pytest.mark.usefixtures("customer")
def test_expired_cursor_is_410_and_a_start_without_one_works(ask: Any, user: User) -> None:
    _, page = ask("GET", "/changes")
    user({"do": "expire_cursors"})
    assert ask("GET", "/changes", cursor=page["nextCursor"])[0] == 410
    assert len(ask("GET", "/changes")[1]["changes"]) == 1


def test_cursor_of_a_future_lost_by_a_restore_is_410(
    ask: Any, world: PipelineWorld, user: User, customer: str
) -> None:
    before = world.dump()
    user({"do": "edit_customer", "id": customer, "set": {"name": "New Name"}})
    _, page = ask("GET", "/changes")
    world.load(before)
    assert ask("GET", "/changes", cursor=page["nextCursor"])[0] == 410


def test_repeated_entries_never_hide_one(
    ask: Any, world: PipelineWorld, user: User, customer: str
) -> None:
    world.set_switches({"repeat_entries": 0.5})
    for at in range(40):
        user({"do": "create_invoice", "number": f"N-{at}", "customerId": customer})
    entries = walk(ask, limit="3")
    assert len(entries) > 41
    assert len({entry["seq"] for entry in entries}) == 41


def test_tenants_see_only_their_own(ask: Any, invoice: str) -> None:
    assert ask("GET", "/changes", tenant="other")[1]["changes"] == []
    assert ask("GET", f"/invoices/{invoice}", tenant="other")[0] == 404
    assert ask("GET", f"/invoices/{invoice}")[0] == 200


def test_listing_pages_in_order_of_id_without_the_deleted(
    ask: Any, user: User, customer: str
) -> None:
    made = [
        user({"do": "create_invoice", "number": f"N-{at}", "customerId": customer})["id"]
        for at in range(5)
    ]
    user({"do": "delete", "number": "N-3"})
    alive = sorted(set(made) - {made[3]})
    _, first = ask("GET", "/invoices", pageSize="3")
    _, second = ask("GET", "/invoices", pageSize="3", page="2")
    assert [row["id"] for row in first["items"] + second["items"]] == alive
    assert (first["total"], first["page"], second["page"], first["pageSize"]) == (4, 1, 2, 3)


def test_listing_by_ids_answers_those_alive(
    ask: Any, user: User, customer: str, invoice: str
) -> None:
    other = user({"do": "create_invoice", "number": "N-2", "customerId": customer})["id"]
    _, page = ask("GET", "/invoices", ids=f"{invoice},{other},unknown")
    assert {row["id"] for row in page["items"]} == {invoice, other}
    assert ask("GET", "/customers", ids=customer)[1]["total"] == 1
    assert ask("GET", "/invoices", ids=",".join(str(at) for at in range(101)))[0] == 400


@pytest.mark.usefixtures("invoice")
def test_listing_since_leaves_older_ones_out(
    ask: Any, world: PipelineWorld, user: User, customer: str
) -> None:
    world.clock.advance(10)
    since = world.clock.utc().isoformat()
    other = user({"do": "create_invoice", "number": "N-2", "customerId": customer})["id"]
    _, page = ask("GET", "/invoices", updatedSince=since)
    assert [row["id"] for row in page["items"]] == [other]


def test_point_read_shows_the_whole_document_exactly(ask: Any, invoice: str) -> None:
    _, document = ask("GET", f"/invoices/{invoice}")
    assert document["lines"][0]["unitAmount"] == Decimal("120.5555")
    # 3 × 120.5555 = 361.6665 → 361.67; 15 % of it is 54.2505 → 54.25
    assert [document[name] for name in ("nett", "tax", "total")] == [
        Decimal("361.67"),
        Decimal("54.25"),
        Decimal("415.92"),
    ]
    assert document["updatedAt"].endswith("Z")
    assert document["dueDate"] is None


@pytest.mark.usefixtures("customer")
def test_deleted_and_unknown_are_404_on_a_point_read(ask: Any, user: User, invoice: str) -> None:
    user({"do": "delete", "id": invoice})
    assert ask("GET", f"/invoices/{invoice}")[0] == 404
    assert ask("GET", "/customers/unknown")[0] == 404


def test_same_seed_gives_the_same_bytes() -> None:
    def play() -> bytes:
        world = PipelineWorld(clock=SandboxClock(lambda: 0.0), seed=7)
        user = User(world)
        made = user({"do": "create_customer", "ref": "C", "name": "N"})
        user({"do": "create_invoice", "number": "1", "customerId": made["id"]})
        headers = {"authorization": f"Bearer {world.keys['demo']}"}
        return world.handle(Request(method="GET", path="/api/v1/changes", headers=headers)).body

    assert play() == play()


def test_feed_without_an_entry_repeats_none(ask: Any, world: PipelineWorld) -> None:
    world.set_switches({"repeat_entries": 0.5})
    assert walk(ask, limit="9") == []


def test_page_may_be_shorter_than_was_asked_for(
    ask: Any, world: PipelineWorld, user: User, customer: str
) -> None:
    world.set_switches({"most_changes": 3})
    for at in range(7):
        user({"do": "create_invoice", "number": f"N-{at}", "customerId": customer})
    _, page = ask("GET", "/changes", limit="9")
    assert (len(page["changes"]), page["hasMore"]) == (3, True)
    assert len(walk(ask, limit="9")) == 8
