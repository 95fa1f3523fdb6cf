"""Whatever the figures: no number that is none, nothing outside the box, x never goes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from syncd.web.console import charts
from syncd.web.console.charts import HEIGHT, Forecast, Mark, Plot

VALUES = st.none() | st.floats(allow_nan=True) | st.integers(0, 9)
PLOTS = st.lists(
    st.builds(
        Plot,
        name=st.text(max_size=5),
        mark=st.sampled_from(Mark),
        values=st.lists(VALUES, max_size=60).map(tuple),
    ),
    max_size=4,
)
FORECASTS = st.none() | st.builds(
    Forecast, value=st.floats(allow_nan=True), steps=st.floats(allow_nan=True)
)
WIDTHS = st.sampled_from([600.0, 1200.0])
_PIECE = re.compile(r"([MLHVZlm])([^MLHVZlm]*)")


def places(path: str) -> Iterator[tuple[str, float, float]]:
    """Every place a path goes to, in absolute numbers."""
    x = y = 0.0
    for command, rest in _PIECE.findall(path):
        numbers = [float(each) for each in rest.split()]
        if command in "ML":
            x, y = numbers
        elif command == "H":
            (x,) = numbers
        elif command == "V":
            (y,) = numbers
        elif command in "lm":
            x, y = x + numbers[0], y + numbers[1]
        yield command, x, y


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  (our own drawing)


@given(PLOTS, FORECASTS, WIDTHS)
def test_everything_drawn_is_a_number_inside_the_box(
    plots: list[Plot], forecast: Forecast | None, width: float
) -> None:
    svg = charts.draw(plots, "A chart", forecast=forecast, width=width)

    assert "nan" not in svg.lower()
    assert "inf" not in svg.lower()
    for each in parsed(svg):
        for _, x, y in places(each.get("d", "")):
            assert -0.01 <= x <= width + 0.01
            assert -0.01 <= y <= HEIGHT + 0.01
        if each.tag == "rect":
            left, wide = float(each.get("x", "")), float(each.get("width", ""))
            assert left >= 0
            assert wide >= 0
            assert left + wide <= width + 0.01


@given(PLOTS, FORECASTS)
def test_time_never_runs_back(plots: list[Plot], forecast: Forecast | None) -> None:
    for each in parsed(charts.draw(plots, "A chart", forecast=forecast)):
        if each.get("class") == "miss":
            continue
        last = 0.0
        for _, x, _ in places(each.get("d", "")):
            assert x >= last - 0.01
            last = x


@given(st.text(max_size=80))
def test_the_sentence_is_read_as_it_was_said(sentence: str) -> None:
    wild = Plot(name='"><script>', mark=Mark.AREA, values=(1.0,))
    svg = charts.draw([wild], sentence)

    assert "<script" not in svg
    assert 'role="img"' in svg
    if all(each.isprintable() for each in sentence):
        assert parsed(svg).get("aria-label") == sentence


@given(PLOTS, FORECASTS)
def test_nothing_inline_that_a_strict_page_forbids(
    plots: list[Plot], forecast: Forecast | None
) -> None:
    svg = charts.draw(plots, "A chart", forecast=forecast)

    for each in parsed(svg).iter():
        assert not {name for name in each.attrib if name == "style" or name.startswith("on")}
        assert each.tag in {"svg", "path", "rect"}


def test_a_gap_is_shown_and_breaks_the_line() -> None:
    svg = charts.draw(
        [Plot(name="n", mark=Mark.LINE, values=(1, None, None, 2))], "A chart", width=400
    )

    gap, line = parsed(svg)
    assert (gap.get("class"), gap.get("x"), gap.get("width")) == ("gap", "100", "200")
    assert line.get("d") == "M0 30H100M300 2H400"


def test_one_step_alone_is_as_wide_as_it_lasts() -> None:
    (line,) = parsed(charts.draw([Plot(name="n", mark=Mark.LINE, values=(3,))], "A chart"))

    assert line.get("d") == "M0 2H600"


def test_a_forecast_goes_down_to_nothing_or_out_of_the_picture() -> None:
    plot = Plot(name="n", mark=Mark.AREA, values=(8.0,) * 8)

    soon = parsed(charts.draw([plot], "A chart", forecast=Forecast(value=8, steps=2)))
    late = parsed(charts.draw([plot], "A chart", forecast=Forecast(value=8, steps=20)))

    ends = [list(places(each[-1].get("d", "")))[-1] for each in (soon, late)]
    assert [each[-1].get("class") for each in (soon, late)] == ["forecast"] * 2
    assert ends[0][1:] == (600, 58)
    assert ends[1][1] == 600
    assert ends[1][2] < 20


def test_misses_are_crosses_where_there_are_any() -> None:
    plots = [
        Plot(name="n", mark=Mark.AREA, values=(1, 1, 1, 1)),
        Plot(name="m", mark=Mark.MISS, values=(0, 2, None, 1)),
    ]

    *_, crosses = parsed(charts.draw(plots, "A chart"))

    assert crosses.get("class") == "miss"
    assert (crosses.get("d") or "").count("M") == 2


def test_nothing_to_draw_is_an_empty_picture_with_its_sentence() -> None:
    empty = parsed(charts.draw([], "Nothing yet"))

    assert list(empty) == []
    assert empty.get("aria-label") == "Nothing yet"
