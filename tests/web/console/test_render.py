"""Templates: everything is escaped, and a name that is not there is an error."""

from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError

from syncd.web.console import render

TEMPLATES = [name for name in render.environment().list_templates() if name.endswith(".html")]


def source_of(name: str) -> str:
    loader = render.environment().loader
    assert loader is not None
    source, _, _ = loader.get_source(render.environment(), name)
    return source


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_well_formed_and_brings_no_script_or_style_inside(name: str) -> None:
    source = source_of(name)

    assert render.environment().get_template(name)
    for forbidden in ("style=", "<style", "onclick", "hx-on", "js:", "|safe", 'href="http'):
        assert forbidden not in source


def test_what_is_shown_is_escaped() -> None:
    made = render.environment().from_string("{{ name }}")

    assert made.render(name="<script>") == "&lt;script&gt;"


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render.environment().from_string("{{ nothing }}").render()


@pytest.mark.parametrize("name", [name for name in TEMPLATES if not name.startswith("parts/")])
def test_what_a_page_says_of_now_is_drawn_again_with_the_part_that_is_live(name: str) -> None:
    """Else an old badge or instant stands above what has moved since."""
    source = source_of(name)
    parts = re.findall(r'include "(parts/\w+\.html)"', source)

    if any('class="live"' in source_of(part) for part in parts):
        assert "reading.now" not in source
        assert "{{ badge(" not in source
