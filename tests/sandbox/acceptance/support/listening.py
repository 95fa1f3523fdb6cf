"""A receiver of webhooks on a port of its own, as strict as Xero asks for (facts §6.1)."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

_ANSWERS_WITHIN_S = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST, and whether its signature was right. Header names are lower case."""

    headers: dict[str, str]
    body: bytes
    is_good: bool

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(json.loads(self.body)["events"])


@dataclass(slots=True)
class Receiver:
    """Answers 200 to what is signed rightly and 401 to the rest; hands out what came."""

    key: bytes
    url: str = ""
    _came: Queue[Delivery] = field(default_factory=Queue)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        own = b64encode(hmac.new(self.key, body, sha256).digest()).decode()
        is_good = hmac.compare_digest(own, headers.get("x-xero-signature", ""))
        self._came.put(Delivery(headers, body, is_good))
        return 200 if is_good else 401

    def next(self) -> Delivery:
        """The next POST; queue.Empty when none comes in time."""
        return self._came.get(timeout=_ANSWERS_WITHIN_S)

    def events(self, count: int) -> list[Delivery]:
        """POSTs until so many events have come."""
        came: list[Delivery] = []
        while sum(len(each.events) for each in came) < count:
            came.append(self.next())
        return came

    @property
    def is_empty(self) -> bool:
        return self._came.empty()


@contextmanager
def receiving(key: str) -> Iterator[Receiver]:
    """A receiver until the block ends."""
    receiver = Receiver(key.encode())

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(headers, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/xero"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
