"""Who is known, but may not: no role does what is above it, no body is taken in for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.attack.attacker import OPERATORS, answer, at_once, bearer, peak_mb, post, status
from tests.attack.conftest import Figure
from tests.journeys.support.harness import Daemon, Worlds

OFFICE = "office-token-of-the-attack-0123456789"
BODY = bytes(60_000_000)
ABOVE = ("connect", "refresh", "disconnect", "apply", "brakes/release", "pause", "live")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One with an Office operator besides."""
    folder: Path = tmp_path_factory.mktemp("operators")
    worlds = Worlds(folder)
    made = Daemon(worlds, folder)
    with made.config.open("a", encoding="utf-8") as config:
        config.write(f'\n[[security.operators]]\nname = "o"\nrole = "Office"\ntoken = "{OFFICE}"\n')
    try:
        yield made.start()
    finally:
        made.close()
        worlds.close()


def test_body_of_who_may_not_is_not_read(daemon: Daemon, figure: Figure) -> None:
    before_mb = peak_mb(daemon)
    request = post("/api/v1/tenants/demo/apply", BODY, **bearer(OFFICE))

    found = at_once([partial(answer, daemon.ports[OPERATORS], request)] * 6)

    grown_mb = peak_mb(daemon) - before_mb
    figure("memory for six bodies of 60 MB of who may not", grown_mb, "MB")
    assert {status(each) for each in found} <= {403, 0}
    assert grown_mb < 50


@pytest.mark.parametrize("operation", ABOVE)
def test_office_does_nothing_whatever_it_says_of_itself(daemon: Daemon, operation: str) -> None:
    headers = {**bearer(OFFICE), "X_Role": "Super User", "X_HTTP_Method_Override": "GET"}
    request = post(f"/api/v1/tenants/demo/{operation}", b"{}", **headers)

    assert status(answer(daemon.ports[OPERATORS], request)) in {403, 404}
