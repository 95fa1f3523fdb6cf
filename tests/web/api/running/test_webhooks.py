"""A replay is a Super User's, in the trail, and says how many."""

from __future__ import annotations

from syncd.store import journal
from tests.web.support.serving import operators

SINCE = {"since": "2026-11-22T08:00:00Z"}
PATH = "/api/v1/webhooks/replay"


async def test_nothing_to_replay_is_no_error() -> None:
    async with operators() as served:
        answer = await served.client.post(PATH, SINCE)
        entries = await served.desk.store.fetch(journal.since(0, limit=9))

    assert (answer.status, answer.json) == (200, {"replayed": 0})
    assert not [one for one in entries if "replayed" in one.entry.description]


async def test_replay_is_a_super_users() -> None:
    async with operators() as served:
        assert (await served.client.post(PATH, SINCE, role="Admin")).status == 403
        assert (await served.client.post(PATH, SINCE, role=None)).status == 401


async def test_since_is_an_instant() -> None:
    async with operators() as served:
        for body in (
            {},
            {"since": "soon"},
            {"since": "2026-11-22T08:00:00Z", "x": 1},
            {"since": "0001-01-01T00:00:00+14:00"},
            {"since": "9999-12-31T23:59:59-14:00"},
        ):
            assert (await served.client.post(PATH, body)).status == 400
