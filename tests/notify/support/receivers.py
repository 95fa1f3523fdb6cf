"""Who takes messages: an address that takes POSTs, and a mail server, each on a loopback port."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 32 bytes!").decode()
USER, PASSWORD = "syncd@example.com", "open-sesame-0123456789"


@dataclass
class Hook:
    """What was posted, in its order; `status` is what is answered from now on."""

    url: str = ""
    status: int = 204
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def hook() -> Iterator[Hook]:
    """An address that takes POSTs."""
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.posted.append((headers, body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        found.url = f"http://127.0.0.1:{port}/syncd"
        yield found


@dataclass
class Post:
    """A mail server as it was met: the mails it took, and how it is disposed."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Receivers it does not know."""
    needs_user: bool = False
    hangs_up_after_data: bool = False
    signed_in: list[str] = field(default_factory=list)

    def text(self, at: int = -1) -> str:
        """A mail's text."""
        return str(self.mails[at].get_content())


class _MailServer(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, post: Post, tls: ssl.SSLContext | None) -> None:
        self.post = post
        self.tls = tls
        super().__init__(("127.0.0.1", 0), _Session)

    def handle_error(self, *_: Any) -> None:
        """A client that breaks off is no error of ours."""


class _Session(StreamRequestHandler):
    server: _MailServer

    def setup(self) -> None:
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self._say("220 mail.example.com")
        for line in self.rfile:
            if not self._obeyed(line.decode().strip()):
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _obeyed(self, command: str) -> bool:
        verb, post = command.split(" ", maxsplit=1)[0].upper(), self.server.post
        if verb == "DATA":
            return self._take()
        if verb == "EHLO":
            self._say("250-mail.example.com")
            self._say("250-AUTH PLAIN" if post.needs_user else "250-8BITMIME")
        answer = "250 OK"
        if verb == "AUTH":
            answer = self._signed_in(command)
        elif verb == "QUIT":
            answer = "221 bye"
        elif verb == "RCPT" and any(each in command for each in post.refused):
            answer = "550 5.1.1 no such mailbox here"
        self._say(answer)
        return verb != "QUIT"

    def _signed_in(self, command: str) -> str:
        _, user, password = base64.b64decode(command.split()[2]).decode().split("\0")
        if (user, password) != (USER, PASSWORD):
            return "535 5.7.8 wrong user or password"
        self.server.post.signed_in.append(user)
        return "235 welcome"

    def _take(self) -> bool:
        self._say("354 go on")
        body = b""
        for line in self.rfile:
            if line == b".\r\n":
                break
            body += line
        if self.server.post.hangs_up_after_data:
            return False
        mail = message_from_bytes(body, policy=default)
        assert isinstance(mail, EmailMessage)
        self.server.post.mails.append(mail)
        self._say("250 taken")
        return True


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, **disposed: Any) -> Iterator[Post]:
    """A mail server without STARTTLS; with `tls` it speaks it from the first byte."""
    found = Post(**disposed)
    with _serving(_MailServer(found, tls)) as port:
        found.port = port
        yield found


@contextmanager
def _serving(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
