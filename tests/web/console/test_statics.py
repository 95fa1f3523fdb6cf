"""Style, script and icons: what was vendored is what it says, and names carry their digest."""

from __future__ import annotations

import gzip
import hashlib
from importlib.resources import files

import pytest

from syncd.web.console import statics
from tests.web.console.support.browsing import console

VENDOR = files("syncd.web").joinpath("static", "vendor")
MOST_BYTES, MOST_PACKED = 160 * 1024, 45 * 1024


def test_vendored_libraries_are_those_of_the_list() -> None:
    lines = [
        line.split() for line in VENDOR.joinpath("VERSIONS").read_text("utf-8").splitlines()[1:]
    ]

    assert {name for _, name, *_ in lines} == {
        each.name for each in VENDOR.iterdir() if each.name.endswith((".js", ".css"))
    }
    for digest, name, package, _ in lines:
        assert hashlib.sha256(VENDOR.joinpath(name).read_bytes()).hexdigest() == digest
        assert package.rpartition("@")[2] in name
    licences = VENDOR.joinpath("LICENSES").read_text("utf-8")
    assert "Zero-Clause BSD" in licences
    assert "MIT License" in licences


def test_a_first_visit_costs_little() -> None:
    every = statics.every().values()

    assert sum(len(one.plain) for one in every) <= MOST_BYTES
    assert sum(len(one.packed) for one in every) <= MOST_PACKED
    assert all(gzip.decompress(one.packed) == one.plain for one in every)


@pytest.mark.parametrize("name", ["app.css", "site.js", "icons.svg", "pico-2.1.1.min.css"])
async def test_a_file_is_for_ever_and_needs_no_session(name: str) -> None:
    async with console(role=None) as browser:
        found = await browser.get(statics.path_of(name))

        assert found.status == 200
        assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert found.headers["Content-Type"] == statics.every()[name].kind
        assert found.body.encode() == statics.every()[name].plain


@pytest.mark.parametrize("path", ["/static/0123/app.css", "/static/0123/nothing", "/static/a/.."])
async def test_another_digest_is_no_file(path: str) -> None:
    async with console(role=None) as browser:
        assert (await browser.get(path)).status in (303, 404)


def test_style_and_script_of_our_own_stay_small() -> None:
    lines = {name: len(one.plain.splitlines()) for name, one in statics.every().items()}

    assert lines["app.css"] <= 300
    assert lines["site.js"] <= 120
