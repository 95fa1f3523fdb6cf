"""Tables for people, JSON for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

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
