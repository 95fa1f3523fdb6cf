"""`syncd sandbox` as a process of its own, its control, and everything that was said to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

PROGRAM = Path(sys.executable).with_name("syncd")
_STOPS_WITHIN_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as the client saw them. Header names are lower case."""

    method: str
    url: str
    sent: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return str(urllib3.util.parse_url(self.url).path)

    @property
    def is_json(self) -> bool:
        return self.headers.get("content-type", "").startswith("application/json")


@dataclass(slots=True)
class Recorder:
    """Stands where an SDK keeps its urllib3 pool, and writes everything down.

    It also takes urllib3's own patience away: left alone, it sleeps through a `Retry-After`.
    """

    http: urllib3.PoolManager
    exchanges: list[Exchange] = field(default_factory=list)

    def request(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        answer = self.http.request(method, url, **{"retries": False, "redirect": False, **options})
        self.exchanges.append(
            Exchange(
                method=method,
                url=url,
                sent={
                    name.lower(): value for name, value in (options.get("headers") or {}).items()
                },
                status=answer.status,
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=answer.data,
            )
        )
        return answer

    @property
    def last(self) -> Exchange:
        return self.exchanges[-1]


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A running sandbox: where its Xero answers, and its control."""

    xero: Mapping[str, str]
    pipeline: Mapping[str, Any]
    http: urllib3.PoolManager
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def control(self, verb: str, command: Any = None) -> Any:
        """One command of `/_sandbox/`; GET when there is nothing to say."""
        url = f"{self.xero['control_url']}/{verb}"
        if command is None:
            answer = self.http.request("GET", url)
        else:
            answer = self.http.request("POST", url, json=command)
        assert answer.status == 200, answer.data
        return json.loads(answer.data)

    def commands(self, do: str, **more: Any) -> Any:
        return self.control("bookkeeper", {"do": do, **more})

    def switch(self, **switches: Any) -> None:
        self.control("faults", {"switches": switches})

    def fault(self, do: str, **more: Any) -> None:
        self.control("faults", {"rules": [{"do": do, **more}]})

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance_s": seconds})

    def begin(self) -> None:
        """New books, no faults, no webhooks, every switch at its default."""
        self.control("webhooks", {"url": None})
        self.control("reset", {})
        self.control("faults", {"switches": dict(self.defaults)})


@contextmanager
def started(*arguments: str) -> Iterator[Sandbox]:
    """The program, until the block ends; it must then stop as told."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [str(PROGRAM), "sandbox", "--json", *arguments], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        with urllib3.PoolManager() as http:
            sandbox = Sandbox(xero=told["xero"], pipeline=told["pipeline"], http=http)
            sandbox.defaults = sandbox.control("dump")["switches"]
            yield sandbox
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait(timeout=_STOPS_WITHIN_S) == 0
