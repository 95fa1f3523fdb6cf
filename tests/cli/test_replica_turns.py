"""A replica's turn begins with a configuration it can work with; its life is played as a process.

Deaths and turns are in tests/journeys/test_replicas.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from syncd.bootstrap.replicas import Ground
from syncd.cli.local import run_replica
from syncd.cli.local.at_work import Around
from syncd.config import sources
from syncd.domain.facts import Fact, ServiceFailed
from syncd.engine.replicas.known import KnownReplicas
from syncd.engine.replicas.member import Member
from syncd.runtime.system_clock import SystemClock
from syncd.runtime.systemd import Systemd
from tests.cli.commanding import lines

SHARED = 'url = "postgresql://syncd@127.0.0.1:9/syncd"'


def around(config: Path) -> Around:
    return Around(systemd=Systemd.from_environment(), config=config, use_log_level=lambda _: None)


def ground(told: Any) -> Ground:
    member = Member(
        name="a", url="http://a", public_url="http://a", version="1", lease_s=15.0,
        clock=SystemClock(), now_s=lambda: 0.0, observe=told, known=KnownReplicas(15.0),
    )  # fmt: skip
    return Ground(
        driver=cast("Any", None), clock=SystemClock(), member=member,
        operator_site=cast("Any", None), public_site=cast("Any", None), keys=cast("Any", None),
    )  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> str:
    made = lines(listen="127.0.0.1:0", store=tmp_path / "syncd.db")
    return made.replace(f'url = "sqlite://{tmp_path}/syncd.db"', SHARED)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ('[notify]\nurl = "https://n.example"\nsecret = "whsec_x"\n', "notify.secret"),
        ("[sync]\npoll_evry_s = 5\n", "sync.poll_evry_s"),
    ],
)
def test_what_the_file_says_wrong_by_now_ends_no_replica(
    tmp_path: Path, text: str, wrong: str, key: str
) -> None:
    """A slip in a file nobody reloaded would end each replica as it takes over."""
    file, told = tmp_path / "syncd.toml", list[Fact]()
    file.write_text(text, "utf-8")
    before = sources.load(file)
    file.write_text(text + wrong, "utf-8")

    found = run_replica._read_again(ground(told.append), before, around(file))

    assert found is before
    (failed,) = told
    assert isinstance(failed, ServiceFailed)
    assert (failed.service, key in failed.error) == ("reload", True)


def test_what_the_file_says_rightly_by_now_counts_from_the_next_turn_on(
    tmp_path: Path, text: str
) -> None:
    file, told = tmp_path / "syncd.toml", list[Fact]()
    file.write_text(text, "utf-8")
    before = sources.load(file)
    file.write_text(f"{text}\n[sync]\npoll_every_s = 7\n", "utf-8")

    found = run_replica._read_again(ground(told.append), before, around(file))

    assert (found.sync.poll_every_s, told) == (7, [])
