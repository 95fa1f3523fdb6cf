"""`syncd notify test` sends one message on each way and says what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from syncd.cli.exits import Exit
from syncd.cli.local.notify import try_out
from tests.bootstrap.test_notifying import mail, notify_options
from tests.notify.support.receivers import PASSWORD, SECRET, hook, mail_server


def configured(folder: Path, notify: str) -> Path:
    notify_options(folder, notify)
    return folder / "syncd.toml"


async def test_both_ways_are_tried_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with hook() as at, mail_server(needs_user=True) as post:
        ways = f'url = "{at.url}"\nsecret = "{SECRET}"\n{mail(post.port)}'
        await try_out(config=configured(tmp_path, ways))

    said = capsys.readouterr().out
    (headers, body), (letter,) = at.posted[0], post.mails
    Webhook(SECRET).verify(body, headers)
    assert json.loads(body)["data"]["kind"] == "test"
    assert letter["Subject"] == "[syncd] syncd: a test, nothing is wrong"
    assert said.splitlines() == [f"http: taken for {at.url}", "mail: taken for office@example.com"]
    assert PASSWORD not in said


async def test_a_way_that_fails_is_said_and_the_other_is_tried_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with hook() as at, mail_server() as post:
        at.status = 410
        ways = f'url = "{at.url}"\nsecret = "{SECRET}"\n{mail(post.port, user=False)}'
        with pytest.raises(SystemExit) as ended:
            await try_out(config=configured(tmp_path, ways))

    said = capsys.readouterr()
    assert ended.value.code == Exit.FAILED
    assert said.err == f"http: {at.url}: The receiver of messages refused it: status 410.\n"
    assert len(post.mails) == 1
    assert "mail: taken for" in said.out


async def test_without_a_way_it_says_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        await try_out(config=configured(tmp_path, ""))

    assert ended.value.code == Exit.FAILED
    assert "notify.smtp_url, notify.sender and notify.to" in capsys.readouterr().err
