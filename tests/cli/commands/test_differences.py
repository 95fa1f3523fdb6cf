"""`syncd invoices diff / resolve`."""

from __future__ import annotations

import json
from typing import cast

import pytest

from syncd.cli.commands.differences import diff, resolve
from syncd.engine.operator.resolve import HasMoved, NotResolved, Resolved, ResolveService
from tests.cli.commanding import Commanded
from tests.engine.support.operating import OUT_OF_SYNC, SYNCED, TOTAL, differing
from tests.web.api.test_resolve import Decided


async def _differing(commanded: Commanded, decided: Decided) -> None:
    await commanded.desk.seed({"a": OUT_OF_SYNC, "b": SYNCED})
    await commanded.desk.link("a", result=differing("a"))
    commanded.desk.operations.resolutions = cast("ResolveService", decided)


def _row(shown: str) -> list[str]:
    line = next(line for line in shown.splitlines() if "│ Total" in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


async def test_diff_tells_field_by_field_who_moved_and_what_was_seen(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await _differing(commanded, Decided(Resolved()))

    await diff("A", json=True, daemon=commanded.daemon)
    told = json.loads(capsys.readouterr().out)
    await diff("A", daemon=commanded.daemon)
    shown = capsys.readouterr().out
    await diff("B", daemon=commanded.daemon)

    assert (told["state"], told["differences"][0]["moved_by"]) == ("out_of_sync", "both")
    assert _row(shown) == ["Total", "100.00", "115.00", "120.00", "both"]
    assert shown.splitlines()[-1] == f"seen: {told['seen']}"
    assert "Nothing differs." in capsys.readouterr().out


async def test_resolve_acts_on_what_it_shows(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    decided = Decided(Resolved())
    await _differing(commanded, decided)
    await diff("A", json=True, daemon=commanded.daemon)
    told = json.loads(capsys.readouterr().out)

    await resolve("A", take="xero", daemon=commanded.daemon)

    ((_, key, order),) = decided.orders
    assert (key, order.take, order.seen, order.who) == ("a", "xero", told["seen"], "super user")
    assert _row(capsys.readouterr().out)[0] == "Total"


async def test_resolve_acts_on_what_diff_showed_and_shows_what_has_moved_since(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    decided = Decided(HasMoved(differences=(TOTAL,), seen="now"))
    await _differing(commanded, decided)

    with pytest.raises(SystemExit) as ended:
        await resolve("A", take="pipeline", seen="then", daemon=commanded.daemon)

    out, err = capsys.readouterr()
    assert (ended.value.code, decided.orders[0][2].seen) == (1, "then")
    assert _row(out)[0] == "Total"
    assert "seen: now" in out
    assert "nothing was changed" in err

    with pytest.raises(SystemExit):
        await resolve("A", take="pipeline", seen="then", json=True, daemon=commanded.daemon)
    assert json.loads(capsys.readouterr().out)["seen"] == "now"


@pytest.mark.parametrize(("is_unread", "code"), [(False, 1), (True, 75)])
async def test_what_cannot_be_decided_is_said(
    commanded: Commanded, capsys: pytest.CaptureFixture[str], is_unread: bool, code: int
) -> None:
    answer = NotResolved(text="It is being worked on.", is_unread=is_unread)
    await _differing(commanded, Decided(answer))

    with pytest.raises(SystemExit) as ended:
        await resolve("A", take="pipeline", seen="s", daemon=commanded.daemon)

    assert ended.value.code == code
    assert "It is being worked on." in capsys.readouterr().err
