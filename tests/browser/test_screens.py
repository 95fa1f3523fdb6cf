"""The pictures that documents show are kept, whole and small; `make screens` takes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from tests.browser.support.screens import FOLDER, TALLEST

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 3_000_000
SHOWN = re.compile(r"docs/screens/([a-z0-9-]+\.png)")
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_pictures_that_documents_show_are_kept_whole_and_small() -> None:
    kept = {one.name: one.read_bytes() for one in FOLDER.glob("*.png")}
    shown = set(SHOWN.findall((ROOT / "README.md").read_text("utf-8")))

    assert shown
    assert shown <= kept.keys()
    assert sum(map(len, kept.values())) < MOST_BYTES
    for name, png in kept.items():
        width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
        assert (png[:8], width in TALLEST, png[-8:-4]) == (SIGNATURE, True, b"IEND"), name
        assert 0 < height <= TALLEST[width], name
