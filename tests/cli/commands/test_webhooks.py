"""`syncd webhooks list / replay`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from syncd.cli.commands.webhooks import list_notices, replay
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.inbox import NoticeOutcome, ResourceChange
from syncd.store import inbox
from tests.cli.commanding import Commanded

ACME = TenantId("acme")


async def keep(commanded: Commanded, *ages_s: float) -> None:
    """Settled events, received so long ago."""
    now = datetime.now(UTC)
    rows = [
        inbox.of_xero(
            ResourceChange(
                category="INVOICE",
                event="UPDATE",
                organisation_id=XeroOrganisationId("org-1"),
                resource_id="x1",
                happened_at=now,
                sequence=number,
            ),
            ACME,
            NoticeOutcome.NOT_OURS,
            now - timedelta(seconds=age_s),
        )
        for number, age_s in enumerate(ages_s, start=1)
    ]
    await commanded.desk.store.run(inbox.add(rows))


async def replayed(
    commanded: Commanded, capsys: pytest.CaptureFixture[str], since: str | None = None
) -> int:
    await replay(since=since, json=True, daemon=commanded.daemon)
    return int(json.loads(capsys.readouterr().out)["replayed"])


async def test_last_day_is_replayed(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep(commanded, 60, 3600, 90_000)

    assert await replayed(commanded, capsys) == 2
    assert (
        len(await commanded.desk.store.fetch(inbox.waiting(ACME, datetime.now(UTC), limit=9))) == 2
    )


async def test_more_is_replayed_when_asked_for(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep(commanded, 60, 3600, 90_000)
    since = (datetime.now(UTC) - timedelta(days=3)).isoformat()

    assert await replayed(commanded, capsys, since) == 3


async def test_what_is_no_instant_is_a_usage_error(commanded: Commanded) -> None:
    with pytest.raises(SystemExit) as ended:
        await replay(since="yesterday", daemon=commanded.daemon)

    assert ended.value.code == 2


async def test_what_came_is_listed_with_what_was_missed(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep(commanded, 5.0)

    await list_notices(tenant="acme", daemon=commanded.daemon)
    shown = capsys.readouterr().out
    await list_notices(source="pipeline", json=True, daemon=commanded.daemon)

    assert "INVOICE" in shown
    assert "not_ours" in shown
    assert "not ours: a bill" in shown
    assert "acme: 0 missed lately; gaps in the count: none." in shown
    assert json.loads(capsys.readouterr().out) == []
