"""A stranger's hands, and a neighbour who must not notice: sockets, bombs, rightly signed webhooks.

Everything goes to loopback, a stated number of times, and ends by itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

from tests.journeys.support.harness import OPERATOR, Daemon

THOROUGH = int(os.environ.get("ATTACK", "1"))
"""How many times as much of everything (`make attack ATTACK=n`)."""
NOTICED_S = 0.1 if "ATTACK" in os.environ else 1.0
"""How many times as much of everything (`make attack ATTACK=n`)."""
CALM_S = 0.5
OPERATORS, PUBLIC = 0, 1
"""Which of a daemon's ports."""
_MEGABYTE = 2**20
EMPTY = b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"NEIGHBOUR"}'


def bomb(megabytes: int = 900) -> bytes:
    """Zeros, gzipped a thousand to one; made of one flushed block over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(bytes(_MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(_MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (megabytes - 1)


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A request's bytes, with its length."""
    given = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
    return "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body


def answer(port: int, request: bytes, within_s: float = 20.0) -> bytes:
    """What comes back until the end or the first silence; empty when the line was cut."""
    with socket.create_connection(("127.0.0.1", port), timeout=within_s) as line:
        with suppress(OSError):  # refused before it was all sent: the answer may be there
            line.sendall(request)
        found = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in found:
                part = line.recv(65536)
                if not part:
                    break
                found += part
        return found


def status(found: bytes) -> int:
    """The status of an answer; 0 for none."""
    words = found.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def at_once(calls: Sequence[Callable[[], bytes]]) -> list[bytes]:
    """Everybody at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda each: each(), calls))


def held_open(port: int, begun: bytes, count: int) -> list[socket.socket]:
    """That many connections that have begun a request and say no more."""
    lines = []
    for _ in range(count):
        line = socket.create_connection(("127.0.0.1", port), timeout=5)
        with suppress(OSError):
            line.sendall(begun)
        lines.append(line)
    return lines


@dataclass
class Neighbour:
    """Xero at its work: a rightly signed webhook, again and again, each timed."""

    daemon: Daemon
    took_s: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        assert self._thread is not None
        self._thread.join(60)

    def _work(self) -> None:
        while True:
            began = time.monotonic()
            given = self.knock()
            self.took_s.append(time.monotonic() - began)
            if given != 200:
                self.refused.append(given)
            if self._ending.wait(0.02):
                return

    def knock(self) -> int:
        """One webhook; the status it was answered with."""
        key = self.daemon.worlds.told["xero"]["webhook_key"].encode()
        signature = base64.b64encode(hmac.digest(key, EMPTY, hashlib.sha256)).decode()
        line = HTTPConnection("127.0.0.1", self.daemon.ports[PUBLIC], timeout=60)
        try:
            line.request("POST", "/webhooks/xero", EMPTY, {"x-xero-signature": signature})
            return line.getresponse().status
        except OSError:
            return 0
        finally:
            line.close()

    @property
    def slowest_s(self) -> float:
        """The worst of all."""
        return max(self.took_s)

    @property
    def usual_s(self) -> float:
        """The middle one."""
        return median(self.took_s)


def noticed_s(daemon: Daemon) -> float:
    """From when on a good webhook has noticed an attack: NOTICED_S, or more on a busy machine.

    What a machine does to a webhook while nobody attacks is none of the attack's doing.
    """
    with Neighbour(daemon) as calm:
        time.sleep(CALM_S)
    return max(NOTICED_S, 5 * calm.slowest_s)


def peak_mb(daemon: Daemon) -> float:
    """The most memory the daemon has ever had."""
    assert daemon.process is not None
    for line in Path(f"/proc/{daemon.process.pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the kernel does not say")


def bearer(token: str = OPERATOR) -> dict[str, str]:
    """The header of an operator."""
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def new_lines(daemon: Daemon) -> Iterator[list[str]]:
    """What the daemon logs during the block, filled in at its end."""
    before = daemon.log.stat().st_size
    found: list[str] = []
    yield found
    with daemon.log.open("rb") as log:
        log.seek(before)
        found += log.read().decode("utf-8").splitlines()
