"""What is planned is shown to whoever may read, as it stands."""

from __future__ import annotations

from tests.web.support.serving import operators

PATH = "/api/v1/schedule"


async def test_every_task_is_listed_with_its_next_run() -> None:
    async with operators() as served:
        answer = await served.client.get(PATH, role="Office")

    assert answer.status == 200
    assert answer.json == {
        "items": [
            {
                "task": "tokens", "tenant": "acme", "next_run_at": "2026-11-22T12:20:00Z",
                "working": False, "failures": 0,
            },
            {
                "task": "sampler", "tenant": None, "next_run_at": "2026-11-22T12:00:05Z",
                "working": False, "failures": 0,
            },
        ],
        "next_cursor": None,
    }  # fmt: skip


async def test_what_is_planned_is_not_told_to_strangers() -> None:
    async with operators() as served:
        assert (await served.client.get(PATH, role=None)).status == 401
