"""Mails over a real connection: sealed before anything is said, and told apart by how they end."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from syncd.domain.errors import NotSent, OutcomeUnknown, Refused, RemoteError
from syncd.ports.notifier import Mail
from syncd.runtime.smtp import MailServer, SmtpMailer
from syncd.runtime.system_clock import SystemClock
from tests.notify.support.receivers import PASSWORD, USER, Post, mail_server

TO = ("office@example.com", "owner@example.com")
MAIL = Mail(
    message_id="msg_1@example.com",
    sender="syncd@example.com",
    to=TO,
    subject="[syncd] acme: Ōtautahi is halted",
    text="40 invoices would be voided.\n.\nSee the console.\n",
    headers=(("Auto-Submitted", "auto-generated"),),
)


def mailer(post: Post, **more: Any) -> SmtpMailer:
    fields = {"is_sealed": False, "may_be_plain": True, **more}
    return SmtpMailer(MailServer(host="127.0.0.1", port=post.port, **fields), clock=SystemClock())


async def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as post:
        await mailer(post).send(MAIL)

    (mail,) = post.mails
    assert mail["Subject"] == MAIL.subject
    assert (mail["From"], mail["To"]) == (MAIL.sender, ", ".join(TO))
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<msg_1@example.com>", "auto-generated")
    assert post.text().replace("\r\n", "\n") == MAIL.text.replace("\n.\n", "\n..\n")


async def test_who_signs_in_is_let_in_and_a_wrong_password_is_never_said() -> None:
    with mail_server(needs_user=True) as post:
        await mailer(post, user=USER, password=PASSWORD).send(MAIL)
        wrong = mailer(post, user=USER, password="not-the-password")
        with pytest.raises(Refused) as refused:
            await wrong.send(MAIL)

    assert post.signed_in == [USER]
    assert "wrong user or password" in refused.value.detail
    assert "not-the-password" not in f"{refused.value!r} {wrong._server!r}"


async def test_an_address_nobody_has_is_found_without_a_mail() -> None:
    with mail_server(refused={"owner@example.com"}) as post:
        with pytest.raises(Refused, match="no such mailbox"):
            await mailer(post).try_out(MAIL.sender, TO)
        await mailer(post).try_out(MAIL.sender, TO[:1])

    assert post.mails == []


async def test_a_mail_that_nobody_takes_is_refused() -> None:
    with mail_server(refused=set(TO)) as post, pytest.raises(Refused, match="no such mailbox"):
        await mailer(post).send(MAIL)


async def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    with mail_server(needs_user=True) as post:
        sealed = mailer(post, may_be_plain=False, user=USER, password=PASSWORD)
        with pytest.raises(Refused, match="no STARTTLS"):
            await sealed.send(MAIL)

    assert post.signed_in == []
    assert post.mails == []


async def test_a_certificate_nobody_vouches_for_ends_it_before_a_word(tmp_path: Path) -> None:
    tls = _own_certificate(tmp_path)
    with mail_server(tls) as post, pytest.raises(NotSent, match="could not be reached"):
        await mailer(post, is_sealed=True).send(MAIL)

    assert post.mails == []


async def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    with mail_server() as post:
        pass

    with pytest.raises(NotSent, match=f"127.0.0.1:{post.port}"):
        await mailer(post).send(MAIL)


async def test_a_connection_lost_after_the_text_has_no_certain_outcome() -> None:
    with mail_server(hangs_up_after_data=True) as post, pytest.raises(OutcomeUnknown) as lost:
        await mailer(post).send(MAIL)

    assert isinstance(lost.value, RemoteError)


def _own_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
