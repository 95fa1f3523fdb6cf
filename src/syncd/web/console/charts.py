"""Draws figures as SVG: areas, lines, dashed forecasts, crosses for misses; what is missing shows.

Pure. Every step is as wide as every other, so that one alone is seen and a gap is one. Only
presentation attributes and classes: no style, no script, so that it prints and follows the theme.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from html import escape
from itertools import groupby

from syncd.domain.model.value import Value

WIDTH, HEIGHT = 600.0, 60.0
"""Of the view box; the page stretches it."""
_EDGE = 2.0
"""Room for half a stroke."""
_ARM = 4.0
"""Of a cross."""


class Mark(StrEnum):
    """How a row of values is drawn; also its class."""

    AREA = "area"
    LINE = "line"
    SECOND = "second"
    """A line beside the first, as 95 % beside the median."""
    MISS = "miss"
    """A cross at every step with any."""


class Plot(Value, frozen=True, kw_only=True):
    """One row of values, a step each; None, or what is no number, where nothing is known."""

    name: str
    mark: Mark
    values: tuple[float | None, ...]


class Forecast(Value, frozen=True, kw_only=True):
    """From a value now, straight down to nothing in so many steps."""

    value: float
    steps: float


class Drawing(str):
    """SVG that a template takes as it is: every text in it is escaped already."""

    __slots__ = ()

    def __html__(self) -> str:
        """For templates that escape what is no markup."""
        return str(self)


def draw(
    plots: Sequence[Plot], sentence: str, *, forecast: Forecast | None = None, width: float = WIDTH
) -> Drawing:
    """The chart of these plots, with the sentence for who does not see it."""
    plots = [_finite(each) for each in plots]
    steps = max((len(each.values) for each in plots), default=0)
    ahead, end = _ahead(forecast, steps)
    drawn = [each for each in plots if each.mark is not Mark.MISS]
    top = max((value for each in drawn for value in _known(each)), default=0.0)
    frame = _Frame(width=width, steps=steps + ahead, top=max(top, end[0], 1e-9))
    parts = [*_gaps(frame, drawn, steps)]
    for mark in Mark:
        parts += [_path(frame, each) for each in plots if each.mark is mark]
    if ahead:
        parts.append(_forecast(frame, steps, ahead, end))
    return Drawing(
        f'<svg class="chart" viewBox="0 0 {_n(width)} {_n(HEIGHT)}" preserveAspectRatio="none"'
        f' role="img" aria-label="{escape(sentence)}">{"".join(filter(None, parts))}</svg>'
    )


class _Frame(Value, frozen=True, kw_only=True):
    """From steps and values to places in the view box; all of them lie inside."""

    width: float
    steps: int
    top: float

    def x(self, step: float) -> float:
        return _within(step / max(self.steps, 1) * self.width, 0.0, self.width)

    def y(self, value: float) -> float:
        share = _within(value / self.top, 0.0, 1.0)
        return HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE)


def _finite(plot: Plot) -> Plot:
    values = (
        value if value is not None and math.isfinite(value) else None for value in plot.values
    )
    return Plot(name=plot.name, mark=plot.mark, values=tuple(values))


def _known(plot: Plot) -> Iterator[float]:
    return (value for value in plot.values if value is not None)


def _ahead(forecast: Forecast | None, steps: int) -> tuple[int, tuple[float, float]]:
    """How many steps of the future are shown, and the values where they begin and end.

    A quarter of the past at most: what takes longer runs out of the picture.
    """
    if forecast is None or not steps:
        return 0, (0.0, 0.0)
    value, lasts = forecast.value, forecast.steps
    if not (math.isfinite(value) and math.isfinite(lasts) and value > 0 and lasts > 0):
        return 0, (0.0, 0.0)
    ahead = min(math.ceil(lasts), max(1, steps // 4))
    return ahead, (value, max(0.0, value * (1 - ahead / lasts)))


def _runs(values: Sequence[float | None]) -> Iterator[tuple[int, list[float]]]:
    """Values that follow each other without a gap, with the step the first stands at."""
    for is_known, group in groupby(enumerate(values), lambda each: each[1] is not None):
        if is_known:
            run = list(group)
            yield run[0][0], [value for _, value in run if value is not None]


def _path(frame: _Frame, plot: Plot) -> str:
    if plot.mark is Mark.MISS:
        found = [step for step, value in enumerate(plot.values) if value]
        return _stroke(plot.mark, (_cross(frame, step) for step in found))
    if plot.mark is Mark.AREA:
        shape = "".join(_area(frame, *run) for run in _runs(plot.values))
        outline = _stroke(Mark.LINE, (_stairs(frame, *run) for run in _runs(plot.values)))
        return f'<path class="area" stroke="none" d="{shape}"/>{outline}' if shape else ""
    return _stroke(plot.mark, (_stairs(frame, *run) for run in _runs(plot.values)))


def _stairs(frame: _Frame, begin: int, run: Sequence[float]) -> str:
    """A step as wide as it lasts at each value."""
    parts = [f"M{_n(frame.x(begin))} {_n(frame.y(run[0]))}"]
    shown = ""
    for place, value in enumerate(run, start=begin):
        height = _n(frame.y(value))
        if place > begin and height != shown:
            parts.append(f"H{_n(frame.x(place))}V{height}")
        shown = height
    parts.append(f"H{_n(frame.x(begin + len(run)))}")
    return "".join(parts)


def _area(frame: _Frame, begin: int, run: Sequence[float]) -> str:
    ground = _n(HEIGHT - _EDGE)
    stairs = _stairs(frame, begin, run)
    return f"M{_n(frame.x(begin))} {ground}L{stairs[1:]}V{ground}Z"


def _cross(frame: _Frame, step: int) -> str:
    x = _within(frame.x(step + 0.5), _ARM, frame.width - _ARM) - _ARM
    y, arm = _EDGE, 2 * _ARM
    return f"M{_n(x)} {_n(y)}l{_n(arm)} {_n(arm)}m0 {_n(-arm)}l{_n(-arm)} {_n(arm)}"


def _forecast(frame: _Frame, steps: int, ahead: int, ends: tuple[float, float]) -> str:
    begin, end = ends
    line = (
        f"M{_n(frame.x(steps))} {_n(frame.y(begin))}L{_n(frame.x(steps + ahead))} "
        f"{_n(frame.y(end))}"
    )
    return (
        f'<path class="forecast" fill="none" stroke-dasharray="4 3" '
        f'vector-effect="non-scaling-stroke" d="{line}"/>'
    )


def _stroke(mark: Mark, pieces: Iterable[str]) -> str:
    line = "".join(pieces)
    effect = 'vector-effect="non-scaling-stroke"'
    return f'<path class="{mark}" fill="none" {effect} d="{line}"/>' if line else ""


def _gaps(frame: _Frame, plots: Sequence[Plot], steps: int) -> Iterator[str]:
    """Where no plot knows anything, between what is known or at an end."""
    known = [False] * steps
    for plot in plots:
        for step, value in enumerate(plot.values):
            known[step] = known[step] or value is not None
    for is_known, group in groupby(range(steps), known.__getitem__):
        run = list(group)
        if not is_known:
            left, right = round(frame.x(run[0]), 1), round(frame.x(run[-1] + 1), 1)
            yield (
                f'<rect class="gap" x="{_n(left)}" y="0" width="{_n(right - left)}"'
                f' height="{_n(HEIGHT)}"/>'
            )


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _n(value: float) -> str:
    """A number as short as it can be without moving anything that is seen."""
    return f"{round(value, 1) + 0.0:g}"
