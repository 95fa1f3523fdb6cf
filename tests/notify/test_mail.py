"""A mail says it all in its subject, and nothing in it commands a mail program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import anyio
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.concern import Notification, Phase
from syncd.notify.mail import MailNotifier
from syncd.ports.notifier import Mail
from tests.notify.test_post import halted


class Desk:
    """A mailer that keeps what it was handed."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)

    async def try_out(self, sender: str, to: Sequence[str]) -> None:
        raise NotImplementedError


def mailed(message: Notification) -> Mail:
    desk = Desk()
    notifier = MailNotifier(desk, sender="syncd@example.com", to=["a@example.com", "b@example.com"])
    anyio.run(notifier.send, message)
    (mail,) = desk.mails
    return mail


def test_a_mail_has_the_title_for_a_subject_and_leads_to_the_console() -> None:
    mail = mailed(halted())

    assert mail.subject == "[syncd] acme: halted by a brake"
    assert (mail.sender, mail.to) == ("syncd@example.com", ("a@example.com", "b@example.com"))
    assert mail.message_id == "msg_1@example.com"
    assert mail.text.splitlines() == [
        "40 would be voided.", "", "Tenant  acme", "Since   2026-11-30 09:00 UTC",
        "See     https://c.example/t/acme/brake",
    ]  # fmt: skip
    assert ("Auto-Submitted", "auto-generated") in mail.headers


def test_a_mail_about_what_is_over_says_so_first() -> None:
    mail = mailed(replace(halted(tenant=None), phase=Phase.RESOLVED, url=None))

    assert mail.text.startswith("This is over.")
    assert "Tenant" not in mail.text
    assert "See" not in mail.text


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_mail_is_one_line_of_subject_and_plain_text_whatever_is_said(
    title: str, text: str
) -> None:
    mail = mailed(replace(halted(text), title=title))

    assert len(mail.subject.splitlines()) == 1
    assert len(mail.subject) <= 150
    assert "\x1b" not in mail.text + mail.subject
    assert "\r" not in mail.text
