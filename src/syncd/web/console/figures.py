"""Which past figures are drawn, and in which words; each chart with its figures as a table.

Pure: from a series of samples to what `templates/console/parts/chart.html` shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from syncd.domain.model.sample import PERIODS_AN_HOUR, Sample, SampleSeries
from syncd.domain.model.value import Value
from syncd.domain.rules.samples import series
from syncd.domain.rules.samples.delays import within_s
from syncd.web.console import charts, words
from syncd.web.console.amounts import lasting
from syncd.web.console.charts import Drawing, Forecast, Mark, Plot

_LEAST_STEPS = 12
_HOUR_S = 3600
_DAY_H = 24
_QUARTER = 3
"""Periods of a step where five minutes are more than is seen."""
_MOST_ROWS = 48
_PERIODS_A_ROW = 6 * PERIODS_AN_HOUR
"""Of a table of more hours than that."""
_MEGABYTE = 1_000_000
_HALF, _MOST = 0.5, 0.95


class Row(Value, frozen=True, kw_only=True):
    """A row of the table: where the step begins, and a cell for each column."""

    at: datetime
    cells: tuple[str, ...]


class Figure(Value, frozen=True, kw_only=True):
    """A chart with its sentence, its span and its table."""

    sentence: str
    svg: Drawing
    begins_at: datetime
    ends_at: datetime
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class _Column(Value, frozen=True, kw_only=True, gc=True):
    """One figure of a sample: how it is drawn, and how a cell says it."""

    name: str
    mark: Mark
    read: Callable[[Sample], float | None]
    say: Callable[[float], str]


def queue(day: SampleSeries, *, clears_in_s: float | None = None) -> Figure:
    """Invoices on their way, with the forecast where there is one."""
    columns = (
        _Column(name="at most", mark=Mark.AREA, read=lambda of: of.most_queued, say=_count),
        _Column(name="at its end", mark=Mark.LINE, read=lambda of: of.queued, say=_count),
    )
    most, now = _most(day, columns[0]), _newest(day, columns[1])
    sentence = f"Invoices on their way {_span(day)}: {_count(now)} now, {_count(most)} at most."
    ahead = None
    if clears_in_s is not None and clears_in_s >= day.step_s:
        ahead = Forecast(value=now, steps=clears_in_s / day.step_s)
        sentence += " The dashed line is the forecast."
    return _figure(day, columns, sentence, ahead, drawn=columns[:1])


def delay(day: SampleSeries) -> Figure:
    """From an edit in Pipeline to Xero: the median, and what 95 % were within."""
    columns = (
        _Column(name="half within", mark=Mark.LINE, say=lasting, read=_half_pushed),
        _Column(name="95 % within", mark=Mark.SECOND, say=lasting, read=_most_pushed),
    )
    return _figure(day, columns, delay_sentence(day))


def delay_sentence(day: SampleSeries) -> str:
    """How long it took over the whole span: `half within 2 s, 95 % within 15 s`."""
    whole = series.merged(point for point in day.points if point is not None)
    half = None if whole is None else _half_pushed(whole)
    most = None if whole is None else _most_pushed(whole)
    if half is None or most is None:
        return f"Nothing was written to Xero {_span(day)}."
    said = f"half within {lasting(half)}, 95 % within {lasting(most)}"
    return f"From an edit in Pipeline to Xero {_span(day)}: {said}."


def calls(day: SampleSeries) -> Figure:
    """Calls to Xero by purpose."""
    columns = (
        _Column(name="in all", mark=Mark.AREA, read=_all_calls, say=_count),
        _Column(name="writes", mark=Mark.SECOND, read=lambda of: of.write_calls, say=_count),
        _Column(name="reads", mark=Mark.SECOND, read=lambda of: of.read_calls, say=_count),
        _Column(name="sweeps", mark=Mark.SECOND, read=lambda of: of.sweep_calls, say=_count),
    )
    writes, reads, sweeps = (_count(_sum(day, each)) for each in columns[1:])
    said = f"{writes} writes, {reads} reads, {sweeps} by sweeps"
    sentence = f"Calls to Xero {_span(day)}: {said}."
    return _figure(series.coarser(day, _QUARTER), columns, sentence, drawn=columns[:1])


def left(day: SampleSeries) -> Figure:
    """Calls to Xero left today, with the forecast where they grow fewer."""
    columns = (_Column(name="left", mark=Mark.AREA, read=lambda of: of.day_left, say=_count),)
    known = [point.day_left for point in day.points if point and point.day_left is not None]
    now = f"{_count(known[-1])} now" if known else "Xero has not said yet"
    sentence = f"Calls to Xero left of the day {_span(day)}: {now}."
    shown = series.coarser(day, _QUARTER)
    lasts_s = series.runs_out_in_s(day, steps=_HOUR_S // day.step_s)
    ahead = None
    if lasts_s is not None and lasts_s < _DAY_H * _HOUR_S:
        ahead = Forecast(value=known[-1], steps=lasts_s / shown.step_s)
        sentence += f" At the last hour's pace they last {lasting(lasts_s)}: the dashed line."
    elif lasts_s is not None:
        sentence += " At the last hour's pace they last longer than a day."
    return _figure(shown, columns, sentence, ahead)


def read(day: SampleSeries) -> Figure:
    """Bytes read out of Xero."""
    columns = (_Column(name="read", mark=Mark.AREA, read=lambda of: of.bytes_read, say=megabytes),)
    said = megabytes(_sum(day, columns[0]))
    sentence = f"Read out of Xero {_span(day)}: {said}."
    return _figure(series.coarser(day, _QUARTER), columns, sentence)


def webhooks(day: SampleSeries) -> Figure:
    """Events of Xero's webhook an hour, and a cross where one was missed."""
    hours = series.coarser(day, PERIODS_AN_HOUR) if day.step_s < _HOUR_S else day
    columns = (
        _Column(name="events", mark=Mark.AREA, read=lambda of: of.events, say=_count),
        _Column(name="missed", mark=Mark.MISS, read=lambda of: of.missed, say=_count),
    )
    events, missed = (_count(_sum(hours, each)) for each in columns)
    sentence = f"Events of Xero's webhook {_span(day)}: {events}, and {missed} changes missed."
    return _figure(hours, columns, sentence)


def findings(week: SampleSeries) -> Figure:
    """Open findings, and invoices out of sync."""
    columns = (
        _Column(name="open findings", mark=Mark.AREA, read=lambda of: of.findings, say=_count),
        _Column(name="out of sync", mark=Mark.SECOND, read=lambda of: of.out_of_sync, say=_count),
    )
    found, apart = (_most(week, each) for each in columns)
    invoices = words.counted(round(apart), "invoice", "invoices")
    said = f"at most {_count(found)} open, at most {invoices} out of sync"
    return _figure(week, columns, f"As counted every five minutes {_span(week)}: {said}.")


def megabytes(count: float) -> str:
    """`1.2 MB`, `340 kB`."""
    if count >= _MEGABYTE:
        return f"{count / _MEGABYTE:,.1f} MB"
    return f"{count / 1000:,.0f} kB"


def _figure(
    samples: SampleSeries,
    columns: Sequence[_Column],
    sentence: str,
    forecast: Forecast | None = None,
    *,
    drawn: Sequence[_Column] | None = None,
) -> Figure:
    shown = series.since_known(samples, least=_LEAST_STEPS)
    plots = [
        Plot(
            name=each.name,
            mark=each.mark,
            values=tuple(None if point is None else each.read(point) for point in shown.points),
        )
        for each in (columns if drawn is None else drawn)
    ]
    table = series.coarser(shown, PERIODS_AN_HOUR) if shown.step_s < _HOUR_S else shown
    if len(table.points) > _MOST_ROWS:
        table = series.coarser(table, _PERIODS_A_ROW)
    return Figure(
        sentence=sentence,
        svg=charts.draw(plots, sentence, forecast=forecast),
        begins_at=shown.begins_at,
        ends_at=shown.ends_at,
        columns=tuple(each.name for each in columns),
        rows=tuple(
            Row(at=table.at(place), cells=tuple(_cell(each, point) for each in columns))
            for place, point in enumerate(table.points)
            if point is not None
        ),
    )


def _cell(column: _Column, point: Sample) -> str:
    value = column.read(point)
    return "–" if value is None else column.say(value)


def _span(samples: SampleSeries) -> str:
    hours = round(samples.step_s * len(samples.points) / _HOUR_S)
    return f"in {hours} h" if hours <= _DAY_H else f"in {round(hours / _DAY_H)} days"


def _values(samples: SampleSeries, column: _Column) -> list[float]:
    found = (column.read(point) for point in samples.points if point is not None)
    return [value for value in found if value is not None]


def _newest(samples: SampleSeries, column: _Column) -> float:
    return next(reversed(_values(samples, column)), 0)


def _most(samples: SampleSeries, column: _Column) -> float:
    return max(_values(samples, column), default=0)


def _sum(samples: SampleSeries, column: _Column) -> float:
    return sum(_values(samples, column))


def _half_pushed(of: Sample) -> float | None:
    return within_s(of.push_delays, _HALF)


def _most_pushed(of: Sample) -> float | None:
    return within_s(of.push_delays, _MOST)


def _all_calls(of: Sample) -> float:
    return of.write_calls + of.read_calls + of.sweep_calls


def _count(value: float) -> str:
    return f"{value:,.0f}"
