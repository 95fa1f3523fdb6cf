"""The ways of `[notify]`: both or one, and what is wrong with them told by its key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from syncd.bootstrap import notifying, preflight
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.model.concern import Way
from syncd.runtime.aiohttp_transport import tcp_transport
from syncd.runtime.system_clock import SystemClock
from tests.cli.commanding import lines
from tests.notify.support.receivers import PASSWORD, SECRET, USER, mail_server

CLOCK = SystemClock()
TO = 'sender = "syncd@example.com"\nto = ["office@example.com"]'


def notify_options(folder: Path, notify: str) -> Options:
    file = folder / "syncd.toml"
    text = lines(listen="127.0.0.1:0", store=folder / "syncd.db")
    file.write_text(f"{text}\n[notify]\n{notify}\n", "utf-8")
    return sources.load(file, environment={})


def mail(port: int, *, user: bool = True, password: str = PASSWORD, to: str = TO) -> str:
    if not user:
        return f'smtp_url = "smtp://127.0.0.1:{port}"\n{to}'
    name = USER.replace("@", "%40")
    return f'smtp_url = "smtp://{name}@127.0.0.1:{port}"\npassword = "{password}"\n{to}'


async def test_each_way_that_is_configured_is_made_and_no_other(tmp_path: Path) -> None:
    hook = f'url = "https://h.example/a"\nsecret = "{SECRET}"'
    found: list[Any] = []
    for text in ("", hook, mail(25), f"{hook}\n{mail(25)}"):
        made = []

        def transport(system: str, made: list[Any] = made) -> Any:
            made.append(tcp_transport(system))
            return made[-1]

        found.append(set(notifying.notifiers(notify_options(tmp_path, text), transport, CLOCK)))
        for each in made:
            await each.close()

    assert found == [set(), {Way.HTTP}, {Way.MAIL}, {Way.HTTP, Way.MAIL}]


def test_a_secret_that_is_none_keeps_the_daemon_from_starting(tmp_path: Path) -> None:
    options = notify_options(tmp_path, 'url = "https://h.example"\nsecret = "whsec_x"')

    assert [one for one in preflight.problems(options) if "notify" in one] == [
        "notify.secret: expected whsec_ and 24 bytes or more in base64 behind it"
    ]


async def test_what_a_mail_server_refuses_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    with mail_server(needs_user=True, refused={"owner@example.com"}) as post:
        good = notify_options(tmp_path, mail(post.port))
        wrong = notify_options(tmp_path, mail(post.port, password="wrong"))
        to = TO.replace("office@", "owner@")
        nobody = notify_options(tmp_path, mail(post.port, to=to))
        said = [await notifying.mail_problem(each, CLOCK) for each in (good, wrong, nobody)]
    gone = await notifying.mail_problem(good, CLOCK)
    none = await notifying.mail_problem(notify_options(tmp_path, ""), CLOCK)

    assert said[0] == none == ""
    assert said[1].startswith(f"notify.smtp_url: 127.0.0.1:{post.port}: The mail server refused")
    assert "wrong user or password" in said[1]
    assert "no such mailbox" in said[2]
    assert "cannot be reached" in gone
    assert post.mails == []
