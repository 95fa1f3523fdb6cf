"""What the demo looks like: live on a terminal, lines elsewhere, and the table at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from syncd.lab.demo import by_hand
from syncd.lab.demo.stage import BRAKE_VOIDS, TENANT, Stage
from syncd.lab.demo.story import Act, DemoStatus, Outcome, Watcher

_STATES = ("synced", "pending", "waiting", "out_of_sync", "failed", "uncertain", "voided")
_COLOURS = {
    "synced": "green",
    "pending": "cyan",
    "waiting": "yellow",
    "out_of_sync": "magenta",
    "failed": "red",
    "uncertain": "red",
    "voided": "dim",
}
_ACTS = (Act.CONNECT, Act.CUSTOMERS, Act.INVOICES)
_LAST = {
    Act.DAY: "a day in the office",
    Act.PLAY: "people at work",
}
_LINE_EVERY_S = 2.0
_WORTH_SAYING_S = 2.0
_DEEDS_SHOWN = 3
_BAR_WIDTH = 40
_NAME_WIDTH = 18
_ROOMY = 32
"""On a terminal of so many lines the parts of the picture stand apart."""
HOW_TO_END = "Ctrl-C; once for a clean end, twice for one at once"
ENDING = "Ending: what is under way is finished first; Ctrl-C again ends it at once."


class Screen(Watcher, Protocol):
    """A watcher that opens and closes."""

    def ending(self) -> None:
        """Somebody has asked for the end."""
        ...

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show no more."""
        ...


class PlainScreen:
    """Lines: when an act begins, and every two seconds while something moves."""

    def __init__(self, console: Console, program: str) -> None:
        self._console = console
        self._program = program
        self._act: Act | None = None
        self._shown_s = 0.0
        self._last = ""
        self._brake = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def raised(self, stage: Stage) -> None:
        """Say where everything is found, and what ends it."""
        for name, value in addresses(stage, self._program):
            self._line(f"{name:{_NAME_WIDTH}}{value}")
        self._line(f"{'to end it':{_NAME_WIDTH}}{HOW_TO_END}")

    def ending(self) -> None:
        """Say that it ends."""
        self._line(ENDING)

    def seen(self, status: DemoStatus) -> None:
        """Say how it stands, if it is time."""
        begins = status.act is not self._act
        if not begins and status.at_s - self._shown_s < _LINE_EVERY_S:
            return
        self._act, self._shown_s = status.act, status.at_s
        told = status.told
        there = [name for name in _STATES if name in told.states]
        states = ", ".join(f"{told.states[name]} {name.replace('_', ' ')}" for name in there)
        line = f"{status.act}: {told.customers_told}/{told.customers} customers, "
        line += f"{told.invoices} invoices ({states}), {told.payments} payments, {limits(status)}"
        if begins or line != self._last:
            self._line(f"{status.at_s:6.1f} s  {line}")
        self._last = line
        brake = halted(status, self._program)
        if brake != self._brake:
            self._line(brake or "The brake is released.")
        self._brake = brake

    def acted(self, action: str) -> None:
        """Say what somebody did."""
        self._line(f"          {action}")

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)


class LiveScreen:
    """One picture, drawn anew as things move."""

    def __init__(self, console: Console, program: str) -> None:
        self._console = console
        self._program = program
        self._live = Live(console=console, auto_refresh=False)
        self._places: tuple[tuple[str, str], ...] = ()
        self._actions: list[str] = []

    def __enter__(self) -> Self:
        self._live.__enter__()
        self._live.update(Text("Setting the stage ..."), refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def ending(self) -> None:
        """Say that it ends, below the last picture."""
        self._console.print(ENDING)

    def raised(self, stage: Stage) -> None:
        """Remember where everything is found."""
        self._places = tuple(addresses(stage, self._program))

    def seen(self, status: DemoStatus) -> None:
        """Draw."""
        drawn = picture(
            status,
            self._places,
            self._actions,
            program=self._program,
            is_roomy=self._console.height >= _ROOMY,
        )
        self._live.update(drawn, refresh=True)

    def acted(self, action: str) -> None:
        """Show it among the last deeds."""
        self._actions = [*self._actions, action][-_DEEDS_SHOWN:]


def addresses(stage: Stage, program: str) -> Iterator[tuple[str, str]]:
    """Where everything is found while the demo runs; the console first."""
    yield "Console", stage.login_link
    yield "pretend Xero", f"{stage.worlds.xero_url}/_sandbox/dump"
    yield "pretend Pipeline", f"{stage.worlds.pipeline_url}/_sandbox/dump"
    yield "log", str(stage.log)
    yield "in another shell", f"export SYNCD_CONFIG={stage.config}"
    yield "  what waits", f"{program} status; {program} invoices list --state waiting"
    yield "  plan, apply", f"{program} plan {by_hand.TENANT} --out p; {program} apply p"
    slip = f'{{"do":"delete_many","count":{2 * BRAKE_VOIDS}}}'
    yield "  trip the brake", f"curl -d '{slip}' {stage.worlds.pipeline_url}/_sandbox/user"


def limits(status: DemoStatus) -> str:
    """Calls made and left, as Xero last said."""
    tally = status.tally
    left = [
        f"{count:,} left {window}"
        for count, window in ((tally.minute_left, "this minute"), (tally.day_left, "today"))
        if count is not None
    ]
    if status.rests_s >= _WORTH_SAYING_S:
        left.append(f"work waits {status.rests_s:.0f} s for Xero's limit of calls a minute")
    return ", ".join([f"{sum(tally.calls.values())} calls to Xero", *left])


def halted(status: DemoStatus, program: str) -> str:
    """What the brake says, and how it is released; empty while none holds."""
    brake = status.tally.brake
    return "" if brake is None else f"{brake.text} {program} brakes release {TENANT}"


def picture(
    status: DemoStatus,
    places: tuple[tuple[str, str], ...],
    actions: list[str],
    *,
    program: str = "syncd",
    is_roomy: bool = True,
) -> RenderableType:
    """Everything at one glance."""
    head = Text.assemble(
        ("Pipeline ", "bold"),
        "⇄ ",
        ("syncd", "bold green"),
        " ⇄",
        (" Xero", "bold"),
        ("    all of it pretended, on this machine; Ctrl-C ends it", "dim"),
        f"    {status.at_s:.0f} s",
    )
    found = Table.grid(padding=(0, 2))
    # The first is to be opened, and a link that is folded is none.
    first = Text.assemble(*((f"{name}  {value}", "bold") for name, value in places[:1]))
    for name, value in places[1:]:
        found.add_row(Text(name, style="dim"), Text(value, overflow="fold"))
    last = [Text(action, style="italic") for action in actions]
    parts: list[RenderableType] = [
        head, first, _acts(status), _states(status), _numbers(status), found, Group(*last),
    ]  # fmt: skip
    if brake := halted(status, program):
        parts.insert(4, Text(brake, style="bold red"))
    return Group(*(Padding(part, (0, 0, int(is_roomy), 1)) for part in parts))


def _acts(status: DemoStatus) -> Table:
    told = status.told
    rest = told.invoices - told.unsettled
    is_past = status.act in (Act.DAY, Act.PLAY)
    acts = Table.grid(padding=(0, 2))
    done: dict[Act, RenderableType] = {
        Act.CONNECT: Text(f"connected to {status.organisation}" if status.organisation else ""),
        Act.CUSTOMERS: _bar(told.customers_told, told.customers),
        Act.INVOICES: (
            Text(f"{rest} of {told.invoices} at rest") if is_past else _bar(rest, told.invoices)
        ),
    }
    order = (*_ACTS, Act.PLAY if status.act is Act.PLAY else Act.DAY)
    now = order.index(status.act)
    for place, act in enumerate(order):
        mark = Text("✔", "green") if place < now else Text("▸" if place == now else "·")
        acts.add_row(mark, Text(_LAST.get(act, act.value)), done.get(act, Text("")))
    return acts


def _bar(done: int, total: int) -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_row(
        ProgressBar(total=max(total, 1), completed=done, width=_BAR_WIDTH), f"{done}/{total}"
    )
    return row


def _states(status: DemoStatus) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0), show_edge=False)
    for name in _STATES:
        table.add_column(name.replace("_", " "), justify="right", style=_COLOURS[name])
    counts = status.told.states
    table.add_row(*(str(counts.get(name, 0)) for name in _STATES))
    return table


def _numbers(status: DemoStatus) -> Text:
    lines = [f"{limits(status)}; {status.told.payments} payments shown in Pipeline"]
    if status.first_sync_s is not None:
        first = f"first invoice synced after {status.first_sync_s:.1f} s"
        lines.append(f"{first}, {status.rate:.0f} invoices/s while the books flowed")
    return Text("\n".join(lines))


def summary(outcome: Outcome) -> RenderableType:
    """The table at the end of a scripted day."""
    verdict, last = outcome.verdict, outcome.last
    table = Table(title="What the day came to", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("count", justify="right")
    table.add_column("more")
    rows: list[tuple[str, int, str]] = [
        ("customers", verdict.customers, f"{verdict.contacts} linked to a contact in Xero"),
        ("invoices in Pipeline", verdict.invoices, ""),
        ("equal in both books", verdict.equal, "every compared field, to the cent"),
        ("created in Xero", verdict.created, ""),
        ("edited in Xero", verdict.edited, ""),
        ("voided in Xero", verdict.voided, "deleted in Pipeline"),
    ]
    if verdict.payments:
        money = ", ".join(f"{amount:,} {name}" for name, amount in sorted(verdict.paid.items()))
        rows.append(("payments that came back", verdict.payments, f"{money}, to the cent"))
    rows += [(f"held: {code}", held.count, held.sample) for code, held in verdict.held.items()]
    rows.append(("calls to Xero", sum(last.tally.calls.values()), listed(last.tally.calls)))
    for name, count, more in rows:
        table.add_row(name, str(count), Text(more))
    table.add_row("first sync", f"{last.first_sync_s or 0:.1f} s", "after the demo's start")
    table.add_row(
        "all books stood", f"{last.books_stood_s or 0:.1f} s", f"{last.rate:.0f} invoices/s"
    )
    good = Text(
        "Every invoice and its money is equal in both books, or held for the planted reason.",
        "green",
    )
    bad = Text(f"Not as it must be: {len(verdict.wrong)}; each is named below.", "bold red")
    return Group(table, good if verdict.is_good else bad)


def listed(counts: Mapping[str, int]) -> str:
    """Counts by name, the largest first."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count} {name}" for name, count in ranked)
