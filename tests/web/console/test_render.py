"""Templates: everything is escaped, and a name that is not there is an error."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from syncd.web.console import render

TEMPLATES = [name for name in render.environment().list_templates() if name.endswith(".html")]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_well_formed_and_brings_no_script_or_style_inside(name: str) -> None:
    loader = render.environment().loader
    assert loader is not None
    source, _, _ = loader.get_source(render.environment(), name)

    assert render.environment().get_template(name)
    for forbidden in ("style=", "<style", "onclick", "hx-on", "js:", "|safe", 'href="http'):
        assert forbidden not in source


def test_what_is_shown_is_escaped() -> None:
    made = render.environment().from_string("{{ name }}")

    assert made.render(name="<script>") == "&lt;script&gt;"


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render.environment().from_string("{{ nothing }}").render()
