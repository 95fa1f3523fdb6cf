"""The director's page of a pretend world as HTML: what stands in its books, and forms for commands.

Called by `control` for `GET /_sandbox/`; `pages_xero` and `pages_pipeline` say what is shown. Plain
forms, no scripts. Nothing here is part of Xero's or Pipeline's own user interface.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --mark: #0a7; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.about { margin-top: 0; opacity: .7; }
dl { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
dl div { background: var(--soft); border-radius: .5rem; padding: .4rem .8rem; }
dt { font-size: .8rem; opacity: .7; } dd { margin: 0; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; }
td.number, th.number { padding-right: 1.6rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.forms { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); }
form { border: 1px solid var(--line); border-radius: .5rem; display: flex; flex-wrap: wrap;
  gap: .4rem; padding: .7rem; align-content: flex-start; }
form strong { flex-basis: 100%; }
input, select, textarea, button { font: inherit; padding: .2rem .4rem; }
input { width: 9rem; } textarea { flex-basis: 100%; min-height: 4rem; font-family: monospace; }
.said { border-left: .3rem solid var(--mark); background: var(--soft); margin: 1rem 0;
  padding: .6rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading; the names of columns of numbers are in `numbers`."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One thing a person can do: a command of the control, and the fields it may be given.

    A field is a name, or a name with the words to choose from. With `do` empty the command is the
    JSON the person writes.
    """

    title: str
    verb: str
    do: str = ""
    fields: Sequence[str | tuple[str, Sequence[str]]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one world shows."""

    title: str
    about: str
    counts: Mapping[str, Any]
    tables: Sequence[Table]
    forms: Sequence[Form]
    choice: tuple[str, Sequence[str]] | None = None


Draw = Callable[[], Page]


def drawn(page: Page, said: str = "") -> str:
    """The page as HTML; `said` is what the last command was answered."""
    counts = "".join(
        f"<div><dt>{_(name)}</dt><dd>{_(value)}</dd></div>" for name, value in page.counts.items()
    )
    tables = "".join(_table(each) for each in page.tables)
    forms = "".join(_form(each, page.choice) for each in page.forms)
    answer = f'<div class="said" role="status">{_(said)}</div>' if said else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_(page.title)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>{_(page.title)}</h1><p class="about">{_(page.about)}</p>'
        f'{answer}<dl>{counts}</dl>{tables}<h2>By hand</h2><div class="forms">{forms}</div>'
        "</body></html>"
    )


def command_of(form: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The verb and the command a filled form stands for. Raises ValueError for odd JSON."""
    sent = {name: text.strip() for name, text in form.items() if text.strip()}
    verb = sent.pop("verb", "")
    written = json.loads(sent.pop("json", "{}"))
    if not isinstance(written, dict):
        raise ValueError(f"expected a JSON object, got {written!r}")  # noqa: TRY004 - one error kind for bad input
    return verb, {**sent, **written}


def _table(table: Table) -> str:
    def cell(tag: str, name: str, value: Any) -> str:
        kind = ' class="number"' if name in table.numbers else ""
        return f"<{tag}{kind}>{_(value)}</{tag}>"

    head = "".join(cell("th", name, name) for name in table.columns)
    body = "".join(
        "<tr>"
        + "".join(cell("td", name, value) for name, value in zip(table.columns, row, strict=True))
        + "</tr>"
        for row in table.rows
    )
    nothing = "" if table.rows else "<p>Nothing yet.</p>"
    return (
        f'<h2>{_(table.title)}</h2><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{nothing}"
    )


def _form(form: Form, choice: tuple[str, Sequence[str]] | None) -> str:
    fields = [f'<input type="hidden" name="verb" value="{_(form.verb)}">']
    if form.do:
        fields.append(f'<input type="hidden" name="do" value="{_(form.do)}">')
    wanted = [*([choice] if choice and form.do and len(choice[1]) > 1 else []), *form.fields]
    fields += [_field(each) for each in wanted]
    if not form.do and not form.fields:
        fields.append('<textarea name="json" aria-label="JSON">{"do": ""}</textarea>')
    inside = "".join(fields)
    return (
        f'<form method="post"><strong>{_(form.title)}</strong>{inside}<button>Do it</button></form>'
    )


def _field(field: str | tuple[str, Sequence[str]]) -> str:
    if isinstance(field, str):
        name = _(field)
        return f'<input name="{name}" placeholder="{name}" aria-label="{name}">'
    name, words = field
    options = "".join(f"<option>{_(each)}</option>" for each in words)
    return f'<select name="{_(name)}" aria-label="{_(name)}">{options}</select>'


def _(value: Any) -> str:
    return escape(str(value))
