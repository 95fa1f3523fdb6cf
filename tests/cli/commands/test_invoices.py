"""`syncd invoices list / show / retry`."""

from __future__ import annotations

import json

import pytest

from syncd.cli.commands.invoices import list_invoices, retry, show_invoice
from tests.cli.commanding import Commanded
from tests.engine.operator.test_needs import NO_ACCOUNT
from tests.engine.support.operating import FAILED, OUT_OF_SYNC, SYNCED, UNMAPPED, differing, payment


async def test_list_spans_tenants_and_narrows(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": FAILED, "b": SYNCED})

    await list_invoices(state="failed", daemon=commanded.daemon)
    await list_invoices(json=True, daemon=commanded.daemon)

    *table, last = capsys.readouterr().out.splitlines()
    assert any("no such account" in line and "refused" in line for line in table)
    assert [(each["tenant"], each["number"]) for each in json.loads(last)] == [
        ("acme", "A"),
        ("acme", "B"),
    ]


async def test_out_of_sync_is_listed_and_asked_for_in_the_products_words(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": OUT_OF_SYNC, "b": SYNCED})

    for asked in ("out_of_sync", "out of sync"):
        await list_invoices(state=asked, daemon=commanded.daemon)

        shown = capsys.readouterr().out
        assert "out of sync" in shown
        assert "synced" not in shown
    await list_invoices(state="out_of_sync", json=True, daemon=commanded.daemon)
    assert json.loads(capsys.readouterr().out)[0]["state"] == "out_of_sync"


async def test_wrong_filter_is_refused_with_what_is_allowed(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        await list_invoices(reason="because", daemon=commanded.daemon)

    assert ended.value.code == 1
    assert "contact_unmapped" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["A-1", "a-1"])
async def test_show_tells_differences_and_history_in_words(
    commanded: Commanded, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    await commanded.desk.seed({"a-1": OUT_OF_SYNC, "a-10": SYNCED})
    await commanded.desk.link("a-1", result=differing("a-1"))
    await commanded.desk.pay("a-1", payment("a-1", reference="BANK-7"))
    await retry("A-1", daemon=commanded.daemon)
    capsys.readouterr()

    await show_invoice(name, daemon=commanded.daemon)

    shown = capsys.readouterr().out
    difference = next(line for line in shown.splitlines() if "│ Total" in line)
    cells = [cell.strip() for cell in difference.strip("│").split("│")]
    assert cells == ["Total", "100.00", "115.00", "120.00", "both"]
    assert any("Payment" in line and "BANK-7" in line for line in shown.splitlines())
    last = shown.splitlines()[-1]
    assert last.startswith("2026-11-22 12:01:00 UTC, ")
    assert last.endswith(" ago  Retry asked for (super user)")


async def test_show_for_programs_is_the_api_itself(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": SYNCED})

    await show_invoice("A", json=True, daemon=commanded.daemon)

    found = json.loads(capsys.readouterr().out)
    assert (found["tenant"], found["id"], found["sides"]["pipeline"]["nett"]) == ("acme", "a", 0.2)


async def test_unknown_number_fails(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        await show_invoice("Z", daemon=commanded.daemon)

    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "acme: Pipeline has told of no invoice Z; its list of changes was read 1 s ago." in said


async def test_retry_by_reason_counts_per_tenant(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": UNMAPPED, "b": UNMAPPED})

    await retry(reason="account_unmapped", json=True, daemon=commanded.daemon)

    assert json.loads(capsys.readouterr().out) == [
        {"tenant": "acme", "released": 2},
        {"tenant": "beta", "released": 0},
    ]


@pytest.mark.parametrize(("number", "reason"), [(None, None), ("A", "refused")])
async def test_retry_of_nothing_or_both_is_a_usage_error(
    commanded: Commanded, number: str | None, reason: str | None
) -> None:
    with pytest.raises(SystemExit) as ended:
        await retry(number, reason=reason, daemon=commanded.daemon)

    assert ended.value.code == 2


async def test_long_listing_shows_its_first_rows_and_says_that_there_are_more(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed(dict.fromkeys(("a-1", "a-2", "a-3"), SYNCED))

    await list_invoices(limit=2, daemon=commanded.daemon)
    some = capsys.readouterr().out
    await list_invoices(daemon=commanded.daemon)
    whole = capsys.readouterr().out
    await list_invoices(limit=2, json=True, daemon=commanded.daemon)

    assert "A-2" in some
    assert "A-3" not in some
    assert "The first 2 of 3 invoices; --limit N shows N of them." in some
    assert whole.endswith("3 invoices.\n")
    assert [row["number"] for row in json.loads(capsys.readouterr().out)] == ["A-1", "A-2"]


async def test_list_goes_by_cause_and_newest_first(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": NO_ACCOUNT, "b": FAILED, "c": NO_ACCOUNT})

    await list_invoices(cause="cost_code:PAINT", newest=True, json=True, daemon=commanded.daemon)

    rows = json.loads(capsys.readouterr().out)
    assert [row["number"] for row in rows] == ["C", "A"]
