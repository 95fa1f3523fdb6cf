"""Every row of a listing comes once, whatever the pages; a name leads to one, or says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.cli import listings


class Paged:
    """An API that serves `a_page` rows at a time; `asked` keeps the queries."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]], a_page: int) -> None:
        self.rows = rows
        self.a_page = a_page
        self.asked: list[dict[str, str]] = []

    async def get(self, path: str, query: dict[str, str] | None = None) -> Any:
        if "/numbers/" in path:
            tenant, number = path.split("/")[4], path.rpartition("/")[2]
            is_old = (tenant, number) == ("blue", "S-OLD")
            text = "It is dated too early." if is_old else f"{number} was never told."
            return {"id": "i9" if is_old else None, "text": text}
        if query is None:
            return {"items": [{"id": name} for name in self.rows]}
        self.asked.append(dict(query))
        tenant = path.split("/")[4]
        wanted = query.get("q", "")
        rows = [row for row in self.rows[tenant] if wanted in row["number"] or wanted == row["id"]]
        start = int(query.get("cursor", "0"))
        rest = start + self.a_page
        return {
            "items": rows[start:rest],
            "next_cursor": str(rest) if rest < len(rows) else None,
        }


@pytest.mark.parametrize("a_page", [1, 2, 3, 7, 100])
async def test_every_row_comes_once_whatever_the_pages(a_page: int) -> None:
    rows = [{"id": f"i{at}", "number": f"N-{at}"} for at in range(7)]
    api = Paged({"acme": rows}, a_page)

    found = await listings.every(api, "acme", "invoices", {"state": "", "reason": "paused"})

    assert found == rows
    assert all(query["reason"] == "paused" and "state" not in query for query in api.asked)


async def test_a_number_leads_to_its_row_and_not_to_those_that_begin_with_it() -> None:
    api = Paged(
        {
            "acme": [{"id": "i1", "number": "N-1"}, {"id": "i2", "number": "N-10"}],
            "blue": [{"id": "i3", "number": "N-2"}, {"id": "i4", "number": " N-3 "}],
        },
        a_page=1,
    )

    assert await listings.the_one(api, listings.INVOICES, "N-1", None) == ("acme", "i1")
    assert await listings.the_one(api, listings.INVOICES, "i3", None) == ("blue", "i3")
    assert await listings.the_one(api, listings.INVOICES, " N-1\n", None) == ("acme", "i1")
    for text in (" N-3 ", "N-3"):
        assert await listings.the_one(api, listings.INVOICES, text, None) == ("blue", "i4")


@pytest.mark.parametrize(
    ("number", "tenant", "words"),
    [
        ("N-9", "acme", "N-9 was never told."),
        ("N-9", None, "acme: N-9 was never told. blue: N-9 was never told."),
        ("S-OLD", None, "blue: It is dated too early."),
        ("N-1", None, "2 invoices have the number N-1 (tenants: acme, blue; ids: i1, i3)"),
    ],
)
async def test_a_number_of_none_or_of_several_is_said(
    number: str, tenant: str | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api = Paged(
        {"acme": [{"id": "i1", "number": "N-1"}], "blue": [{"id": "i3", "number": "N-1"}]}, 5
    )

    with pytest.raises(SystemExit) as ended:
        await listings.the_one(api, listings.INVOICES, number, tenant)

    assert ended.value.code == 1
    assert words in " ".join(capsys.readouterr().err.split())


async def test_a_number_in_other_capitals_leads_to_its_row_unless_another_has_it_exactly() -> None:
    rows = [{"id": "i1", "number": "PL-1"}, {"id": "i2", "number": "pl-1"}]
    api = Anyhow({"acme": rows}, 5)

    assert await listings.the_one(api, listings.INVOICES, "pl-1", "acme") == ("acme", "i2")
    api = Anyhow({"acme": rows[:1]}, 5)
    assert await listings.the_one(api, listings.INVOICES, "pl-1", "acme") == ("acme", "i1")


class Anyhow(Paged):
    """It finds whatever the capitals, as the API does."""

    async def get(self, path: str, query: dict[str, str] | None = None) -> Any:
        return await super().get(path, None if query is None else {**query, "q": ""})


@pytest.mark.parametrize(
    ("limit", "said", "pages"),
    [
        (None, "The first 100 of 4,000 invoices; --limit N shows N of them.", 8),
        (5000, "4,000 invoices.", 8),
    ],
)
async def test_a_table_says_how_many_more_there_are(
    capsys: pytest.CaptureFixture[str], limit: int | None, said: str, pages: int
) -> None:
    api = Paged({"acme": [{"id": f"i{at}", "number": f"N-{at}"} for at in range(4000)]}, 500)

    await shown(api, limit=limit)

    *table, last = capsys.readouterr().out.splitlines()
    assert last == said
    assert len(api.asked) == pages
    assert len(table) < 4010


async def test_what_is_too_much_to_count_is_not_read_to_its_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = Paged({"acme": [{"id": f"i{at}", "number": f"N-{at}"} for at in range(20_000)]}, 500)

    await shown(api, limit=2)

    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "The first 2 of more than 5,002 invoices; --limit N shows N of them."
    assert len(api.asked) == 11


async def test_programs_get_every_row_and_no_more_than_they_ask_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = Paged({"acme": [{"id": f"i{at}", "number": f"N-{at}"} for at in range(7)]}, 3)

    await shown(api, as_json=True)
    await shown(api, as_json=True, limit=2)

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert [len(first), len(second)] == [7, 2]


async def shown(api: Paged, *, limit: int | None = None, as_json: bool = False) -> None:
    await listings.show_all(
        api,
        "invoices",
        ("tenant", "number"),
        {},
        tenant=None,
        limit=limit,
        as_json=as_json,
        title="Invoices",
    )


async def test_daemon_that_serves_nobody_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        await listings.the_one(Paged({}, a_page=1), listings.INVOICES, "N-1", None)

    assert ended.value.code == 1
    assert capsys.readouterr().err.strip() == listings.NO_TENANT
