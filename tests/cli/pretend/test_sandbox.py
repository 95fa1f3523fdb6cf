from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from syncd.cli.pretend.sandbox import Worlds
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.server.app import XeroWorld

PROGRAM = "from syncd.cli import main; main()"


@contextmanager
def running(*flags: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-c", PROGRAM, "sandbox", "--json", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def ask(url: str, body: Any = None, **headers: str) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers), timeout=10) as answer:  # noqa: S310 - a loopback address
        return json.loads(answer.read() or b"null")


def end(process: subprocess.Popen[str], how: signal.Signals) -> int:
    process.send_signal(how)
    return process.wait(10)


def test_first_line_says_all_a_client_needs_and_term_ends_it_well() -> None:
    with running("--organisations", "2", "--customers", "3", "--invoices", "12") as (process, told):
        assert set(told["xero"]) == {
            "api_url",
            "identity_url",
            "authorize_url",
            "client_id",
            "client_secret",
            "webhook_key",
            "control_url",
        }
        assert set(told["pipeline"]) >= {"url", "key", "webhook_secret", "control_url"}
        bearer = {"Authorization": f"Bearer {told['pipeline']['key']}"}
        page = ask(f"{told['pipeline']['url']}/invoices", **bearer)
        assert page["total"] == 12
        books = ask(f"{told['pipeline']['control_url']}/dump")["tenants"]
        assert len(books["demo"]["planted"]) == len(books["demo-2"]["planted"]) == 5
        organisations = ask(f"{told['xero']['control_url']}/dump")["organisations"]
        assert [len(each["invoices"]) for each in organisations] == [1, 1]
        discovery = ask(f"{told['xero']['identity_url']}/.well-known/openid-configuration")
        assert discovery["authorization_endpoint"] == told["xero"]["authorize_url"]
        with pytest.raises(HTTPError, match="401"):
            ask(f"{told['xero']['api_url']}/connections")
        assert end(process, signal.SIGTERM) == 0


def test_same_seed_gives_the_same_keys_and_interrupt_ends_it_well() -> None:
    with running("--seed", "4") as (first, told), running("--seed", "4") as (second, again):
        assert told["xero"]["client_id"] == again["xero"]["client_id"]
        assert told["pipeline"]["key"] == again["pipeline"]["key"]
        assert told["xero"]["api_url"] != again["xero"]["api_url"]
        assert end(first, signal.SIGINT) == end(second, signal.SIGINT) == 0


@pytest.mark.parametrize(
    ("url", "of_xero", "of_pipeline"),
    [
        (None, None, None),
        ("http://h:1", "http://h:1/webhooks/xero", "http://h:1/webhooks/pipeline/{tenant}"),
        (
            "https://h/webhooks/xero",
            "https://h/webhooks/xero",
            "https://h/webhooks/pipeline/{tenant}",
        ),
        ("http://h/my/hook", "http://h/my/hook", None),
    ],
)
def test_webhooks_go_to_the_listener_or_to_an_address_of_ones_own(
    url: str | None, of_xero: str | None, of_pipeline: str | None
) -> None:
    clock = SandboxClock(lambda: 0.0)
    worlds = Worlds(xero=XeroWorld(clock=clock), pipeline=PipelineWorld(clock=clock))
    worlds.aim(url)
    assert (worlds.xero.webhooks.url, worlds.pipeline.webhooks.url) == (of_xero, of_pipeline)


def test_kill_order_ends_a_process_at_its_request() -> None:
    caller = "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], b'{}'))"
    with running() as (process, told):
        url = f"{told['pipeline']['url']}/sync-results"
        waiting = f"import sys; sys.stdin.readline(); {caller}"
        with subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", waiting, url], stdin=subprocess.PIPE, text=True
        ) as victim:
            order = {"pid": victim.pid, "at": "committed", "match": {"path": "/sync-results"}}
            ask(f"{told['pipeline']['control_url']}/faults", {"kill": order})
            victim.communicate("go\n", timeout=10)
            assert victim.returncode == -signal.SIGKILL
        assert end(process, signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--xero", "nowhere"), 2),
        (("--pipeline", "127.0.0.1:http"), 2),
        (("--organisations", "0"), 2),
        (("--xero", "192.0.2.1:1"), 1),
    ],
)
def test_what_cannot_be_served_ends_with_its_code(flags: tuple[str, ...], code: int) -> None:
    command = [sys.executable, "-c", PROGRAM, "sandbox", *flags]
    ended = subprocess.run(command, capture_output=True, timeout=20, check=False)  # noqa: S603 - our own program
    assert ended.returncode == code
    assert ended.stderr
