"""Tables for people, JSON for programs."""

from __future__ import annotations

import json

import pytest

from syncd.cli import output
from syncd.cli.output import Exit

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


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "less than a minute"),
        (59.9, "less than a minute"),
        (300, "about 5 min"),
        (7_200, "about 2 h"),
        (400_000, "about 5 days"),
    ],
)
def test_duration_is_said_in_words(seconds: float | None, words: str) -> None:
    assert output.lasting(seconds) == words


def test_end_says_why_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        output.end(Exit.TRY_AGAIN, "Nobody [there]")

    assert ended.value.code == 75
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "Nobody [there]\n")


EVIL = "\x1b]0;owned\x07 \x9b2J \u202egnp"
SHOWN = "\\x1b]0;owned\\x07 \\x9b2J \\u202egnp"


def test_nothing_others_wrote_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(EVIL)
    output.complain(EVIL)
    output.show_rows([{"name": EVIL}], ("name",), as_json=False, title="People")
    output.show_value({"name": EVIL, "counts": {EVIL: 1}}, as_json=False)
    output.console().print(f"as it comes: {EVIL}")

    shown = capsys.readouterr()
    for each in (shown.out, shown.err):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(each)
        assert SHOWN in each
