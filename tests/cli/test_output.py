"""Tables for people, JSON for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.cli import output

ROWS = [{"name": "[bold]Ada[/bold]", "count": 0, "extra": None}, {"name": "Bea", "is_on": True}]


def test_json_listing_has_every_field_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_rows(ROWS, ("name",), as_json=True)

    assert json.loads(capsys.readouterr().out) == ROWS


def test_table_shows_what_others_wrote_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_rows(ROWS, ("name", "count", "is_on"), as_json=False, title="People")

    shown = capsys.readouterr().out
    assert "[bold]Ada[/bold]" in shown
    assert "is on" in shown
    assert "yes" in shown


def test_empty_listing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_rows([], ("name",), as_json=False, title="People")
    output.show_rows([], ("name",), as_json=True)

    assert capsys.readouterr().out == "People: none\n[]\n"


def test_value_is_a_field_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_value({"clears_in": None, "invoices": {"failed": 2, "synced": 0}}, as_json=False)

    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        "clears in",
        "invoices   failed 2",
    ]


def test_long_value_is_folded_and_never_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    url = "https://example.com/" + "x" * 60

    output.show_value({"xero_url": url}, as_json=False)

    shown = capsys.readouterr().out.replace("xero url", "")
    assert "".join(shown.split()) == url


FINDING = {
    "tenant": "acme",
    "kind": "duplicate_suspected",
    "text": "Two invoices in Xero carry the mark of INV-0042: this one and INV-0042-1.",
    "opened_at": "2026-11-29T09:53:54.727000Z",
    "amount": "2593604.41",
}


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_table_folds_words_and_never_a_code_an_amount_or_an_instant(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    output.show_rows([FINDING], tuple(FINDING), as_json=False, title="Findings")

    shown = capsys.readouterr().out
    for whole in ("duplicate_suspected", "2026-11-29 09:53:54 UTC", "2593604.41", "INV-0042-1."):
        assert whole in shown
    assert "727" not in shown
    assert max(map(len, shown.splitlines())) <= int(columns)


def test_screen_too_narrow_for_a_table_shows_a_field_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")

    output.show_rows([FINDING], tuple(FINDING), as_json=False)

    assert "kind       duplicate_suspected" in capsys.readouterr().out


INVOICES = [
    {
        "tenant": "demo",
        "number": "INV-1189",
        "customer": "Twice Known Builders X-00188",
        "total": 1508159.8,
        "currency": "NZD",
        "state": "waiting",
        "reason_code": "contact_unmapped",
        "reason": "Set tenants.demo.cost_codes.GHOST.account. " * 3 + "LAST-WORD",
    }
]


@pytest.mark.parametrize("columns", [*range(60, 220, 7), 140])
def test_no_table_runs_over_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    output.show_rows(INVOICES, tuple(INVOICES[0]), as_json=False, title="Invoices")

    shown = capsys.readouterr().out
    assert "LAST-WORD" in shown
    assert shown.count("tenants.demo.cost_codes.GHOST.account.") == 3
    assert max(map(len, shown.splitlines())) <= columns
    boxed = [line for line in shown.splitlines() if line.startswith(("│", "┃"))]
    assert all(line.rstrip()[-1] in "│┃" for line in boxed)


@given(
    columns=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 200)), min_size=1, max_size=9),
    room=st.integers(0, 400),
)
def test_widths_are_the_least_and_an_even_share_of_the_rest(
    columns: list[tuple[int, int]], room: int
) -> None:
    least = [low for low, _ in columns]
    wanted = [low + more for low, more in columns]

    found = output.shared_widths(least, wanted, room)

    if sum(least) > room:
        assert found is None
        return
    assert found is not None
    assert sum(found) == min(room, sum(wanted)) or room - sum(found) < len(columns)
    assert all(low <= width <= most for low, width, most in zip(least, found, wanted, strict=True))


def test_amounts_have_thousands_and_cents_and_fields_are_called_as_people_call_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"total": 88.0, "reason": "Moved in Xero: nett, lines[0].unitAmount."}]
    differs = [
        {
            "field": "lines[0].unitAmount", "agreed": "1143.8526", "pipeline": "1143.8526",
            "xero": "601.3", "moved_by": "xero",
        },
        {
            "field": "reference", "agreed": "1000", "pipeline": None, "xero": "1000",
            "moved_by": "pipeline",
        },
    ]  # fmt: skip

    output.show_rows(rows, ("total", "reason"), as_json=False)
    output.show_differences(differs)
    output.say("Now: lines[1].quantity: Pipeline 2, Xero 3.")

    shown = capsys.readouterr().out
    for said in ("88.00", "Moved in Xero: nett, line 1 unit amount.", "Line 1 unit amount",
                 "1,143.8526", "601.30", " 1000 ", "Now: line 2 quantity: Pipeline 2"):  # fmt: skip
        assert said in shown
    assert "lines[" not in shown


@pytest.mark.parametrize(("after_s", "words"), [(-180, "180 s ago"), (600, "in 10 min")])
def test_instant_is_said_with_how_far_it_is_away(after_s: float, words: str) -> None:
    at = datetime.now(UTC) + timedelta(seconds=after_s)

    said = output.when(at.isoformat().replace("+00:00", "Z"))

    assert said.startswith(f"{at:%Y-%m-%d %H:%M:%S} UTC, ")
    assert said.endswith(words.replace("180 s", "3 min"))


EVIL = "\x1b]0;owned\x07 \x9b2J \u202egnp"
SHOWN = "\\x1b]0;owned\\x07 \\x9b2J \\u202egnp"


def test_nothing_others_wrote_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(EVIL)
    output.show_rows([{"name": EVIL}], ("name",), as_json=False, title="People")
    output.show_value({"name": EVIL, "counts": {EVIL: 1}}, as_json=False)
    output.console().print(f"as it comes: {EVIL}")

    shown = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    assert SHOWN in shown
