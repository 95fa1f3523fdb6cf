"""Usage: a line a command in the help, and errors in the page's own words."""

from __future__ import annotations

import pytest

from syncd.cli.program import app


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    with pytest.raises(SystemExit):
        app(words)
    said = capsys.readouterr()
    return said.out, said.err


def test_help_has_a_line_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = shown(capsys, "--help")

    rows = [line.strip("│ ").split(maxsplit=1) for line in out.splitlines() if "│" in line]
    silent = [row[0] for row in rows if len(row) < 2]
    assert silent == []
    assert {"status", "invoices", "run", "demo"} <= {row[0] for row in rows}


@pytest.mark.parametrize("family", ["tenants", "invoices"])
def test_help_of_a_family_has_one_too(capsys: pytest.CaptureFixture[str], family: str) -> None:
    out, _ = shown(capsys, family, "--help")

    rows = [line.strip("│ ").split(maxsplit=1) for line in out.splitlines() if "│" in line]
    assert [row[0] for row in rows if len(row) < 2] == []


@pytest.mark.parametrize(
    ("words", "name"),
    [(("report",), "TENANT"), (("invoices", "show"), "NUMBER"), (("apply",), "FILE")],
)
def test_what_is_missing_is_called_as_its_page_calls_it(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], name: str
) -> None:
    _, err = shown(capsys, *words)

    assert f"syncd {' '.join(words)}: {name} is missing." in err


def test_a_word_too_many_is_named_with_where_to_read_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, err = shown(capsys, "contacts", "create", "demo", "Acme Ltd")

    assert "syncd contacts create: Acme Ltd is more than it takes." in err
    assert "`syncd contacts create --help` says what it takes." in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "INV-1"), "Did you mean `syncd invoices explain`?"),
        (("statsu",), "Did you mean `syncd status`?"),
        (("show", "INV-1"), "`syncd invoices show`"),
        (("invoices", "shw"), "Did you mean `syncd invoices show`?"),
        (("nonsense",), "there is no command nonsense. `syncd --help` lists them."),
        (("status", "--tenant", "a"), "syncd status: Unknown option: --tenant."),
        (("status", "--tenant", "a"), "`syncd status --help` says more."),
        (("invoices", "list", "--limit", "0"), 'Invalid value "0" for --limit. Must be >= 1.'),
        (("events", "tail", "a", "--limit", "-1"), "Must be >= 1."),
    ],
)
def test_a_slip_is_answered_with_what_may_be_meant(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    _, err = shown(capsys, *words)

    assert said in " ".join(err.split())
