"""Each figure says in words what it draws, and its table what the words add up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.sample import Sample, SampleSeries
from syncd.domain.rules.samples import series
from syncd.web.console import figures
from syncd.web.console.figures import Figure
from tests.domain.rules.samples.test_series import LAST, samples

FIGURES = [
    figures.queue, figures.delay, figures.calls, figures.left, figures.read, figures.webhooks,
    figures.findings,
]  # fmt: skip
FOUND = st.lists(
    samples(st.integers(LAST - 320, LAST)), max_size=20, unique_by=lambda one: one.period
)


def day(found: list[Sample]) -> SampleSeries:
    return series.spread({one.period: one for one in found}, last_period=LAST, periods=288)


@pytest.mark.parametrize("figure", FIGURES)
@given(found=FOUND)
def test_every_figure_of_any_day_has_its_sentence_and_a_cell_for_every_column(
    figure: Callable[[SampleSeries], Figure], found: list[Sample]
) -> None:
    made = figure(day(found))

    assert isinstance(made, Figure)
    assert made.sentence.endswith(".")
    assert made.sentence.replace("'", "&#x27;") in made.svg
    assert made.begins_at < made.ends_at
    assert all(len(row.cells) == len(made.columns) for row in made.rows)
    assert all(one.at < other.at for one, other in zip(made.rows, made.rows[1:], strict=False))
    assert len(made.rows) <= 26


def test_a_quiet_day_says_so() -> None:
    nothing = day([])

    assert figures.delay(nothing).sentence == "Nothing was written to Xero in 24 h."
    assert figures.left(nothing).sentence.endswith("Xero has not said yet.")
    assert figures.queue(nothing).sentence == "Invoices on their way in 24 h: 0 now, 0 at most."


def test_a_forecast_is_told_where_it_is_drawn() -> None:
    busy = series.spread(
        {LAST: Sample(period=LAST, seen_s=300, queued=40, most_queued=90)},
        last_period=LAST,
        periods=288,
    )

    soon, late = figures.queue(busy, clears_in_s=60), figures.queue(busy, clears_in_s=900)

    assert "forecast" not in soon.svg
    assert 'class="forecast"' in late.svg
    assert late.sentence == (
        "Invoices on their way in 24 h: 40 now, 90 at most. The dashed line is the forecast."
    )


@pytest.mark.parametrize(
    ("spent", "said", "is_drawn"),
    [
        (200, "2,000 now. At the last hour's pace they last 5 h: the dashed line.", True),
        (1, "2,000 now. At the last hour's pace they last longer than a day.", False),
        (0, "2,000 now.", False),
    ],
)
def test_calls_left_say_how_long_they_last(spent: int, said: str, *, is_drawn: bool) -> None:
    busy = series.spread(
        {
            LAST - back: Sample(period=LAST - back, seen_s=300, day_left=2000 + spent * back // 6)
            for back in range(12)
        },
        last_period=LAST,
        periods=288,
    )

    made = figures.left(busy)

    assert made.sentence.endswith(said)
    assert ('class="forecast"' in made.svg) is is_drawn


@pytest.mark.parametrize(("count", "said"), [(0, "0 kB"), (1500, "2 kB"), (1_234_567, "1.2 MB")])
def test_bytes_are_said_in_their_unit(count: int, said: str) -> None:
    assert figures.megabytes(count) == said


def test_a_week_is_a_table_short_enough_to_be_read() -> None:
    week = series.spread(
        {
            LAST - 12 * one: Sample(period=LAST - 12 * one, seen_s=300, findings=one)
            for one in range(168)
        },
        last_period=LAST,
        periods=2016,
        periods_a_step=12,
    )

    made = figures.findings(week)

    assert 28 <= len(made.rows) <= 30
    assert made.sentence == (
        "As counted every five minutes in 7 days: at most 167 open, at most 0 invoices out of sync."
    )
    assert made.rows[-1].cells[0] == "0"
