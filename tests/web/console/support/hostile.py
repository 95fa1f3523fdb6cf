"""Texts that others may have written, and what no page may make of them."""

from __future__ import annotations

import pytest

from tests.web.console.support.browsing import Page

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "\u202eevil\u2066",
    "long " * 800,
    "javascript:alert(1)",
    "../../etc?a=b&c=d#e",
)
EACH = pytest.mark.parametrize("text", TEXTS, ids=[one[:12] for one in TEXTS])


def assert_harmless(page: Page) -> None:
    """Nothing of it became a tag, an attribute that acts, or a place outside."""
    assert page.tags.count("script") == page.body.count("<script src=")
    assert page.unclosed == []
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name != "style"
        if name in ("href", "action"):
            assert not value.lower().startswith("javascript:")
