"""A real daemon tells a real address and a real mail server what only a person can mend."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.bootstrap.test_notifying import mail
from tests.journeys.support.harness import Journey, journey, wait_until
from tests.notify.support.receivers import PASSWORD, SECRET, Hook, Post, hook, mail_server

WITHIN_S = 60


@pytest.fixture
def people() -> Iterator[tuple[Hook, Post]]:
    with hook() as at, mail_server(needs_user=True) as post:
        yield at, post


def _told(at: Hook) -> list[tuple[str, str, str]]:
    bodies = [json.loads(body) for _, body in at.posted]
    return [(each["type"], each["data"]["kind"], each["data"]["tenant"]) for each in bodies]


def test_a_lost_connection_is_told_once_on_both_ways(
    tmp_path: Path, people: tuple[Hook, Post]
) -> None:
    at, post = people
    with journey(tmp_path) as way:
        way.worlds.bookkeeper("withdraw")
        way.daemon.post("/api/v1/tenants/demo/refresh")
        way.daemon.end(signal.SIGTERM)
        ways = f'url = "{at.url}"\nsecret = "{SECRET}"\nafter_s = 0\n{mail(post.port)}'
        with way.daemon.config.open("a", encoding="utf-8") as file:
            file.write(f"\n[notify]\n{ways}\n")

        for _ in range(2):
            way.daemon.start()
            wait_until(lambda: _has_looked(way), WITHIN_S, way.daemon.tail)
            wait_until(lambda: at.posted and post.mails, WITHIN_S, way.daemon.tail)
            way.daemon.end(signal.SIGTERM)

        assert _told(at) == [("concern.opened", "token", "demo")]
        ((headers, body),), (letter,) = at.posted, post.mails
        assert Webhook(SECRET).verify(body, headers)
        assert letter["Subject"] == "[syncd] demo: its connection to Xero needs you"
        assert "Connect to Xero" in post.text()
        log = way.daemon.log.read_text("utf-8")
        assert log.count('"event": "notification.tried"') == 2
        assert [one for one in (SECRET, PASSWORD) if one in log] == []


def _has_looked(way: Journey) -> bool:
    """Whether a round of telling people has come to its end since the start."""
    series = 'syncd_next_run_timestamp_seconds{task="notify",tenant=""}'
    return way.daemon.metrics().get(series, 0.0) > time.time() + 1
