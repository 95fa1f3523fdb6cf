from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.sandbox.control import Control
from syncd.sandbox.http import Request
from syncd.sandbox.killer import Killer


@pytest.fixture
def tell(xero: Any) -> Any:
    killer = Killer(lambda _pid: None)
    control = Control(xero, commands={"bookkeeper": xero.bookkeeper}, killer=killer)

    def told(method: str, name: str, body: Any = None) -> tuple[int, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        answer = control.handle(Request(method=method, path=f"/_sandbox/{name}", body=raw))
        return answer.status, json.loads(answer.body)

    return told


def test_unknown_command_names_those_there_are(tell: Any) -> None:
    status, body = tell("POST", "explode")
    assert status == 404
    assert "POST /_sandbox/bookkeeper" in body["error"]


def test_faults_take_rules_and_switches_together(tell: Any, xero: Any) -> None:
    rules = [{"do": "status"}]
    assert tell("POST", "faults", {"rules": rules, "switches": {"x": 1}})[0] == 200
    assert (xero.faults.rules, xero.turned) == (rules, {"x": 1})
    assert tell("POST", "faults", [])[0] == 200
    assert xero.faults.rules == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("faults", {"rule": []}),
        ("faults", {"rules": {}}),
        ("faults", {"kill": {"pid": 1, "at": "read"}}),
        ("faults", {"kill": {"pid": 99, "at": "never"}}),
        ("faults", {"hold": {"match": {}}}),
        ("webhooks", {}),
        ("clock", {"rate": "fast"}),
        ("bookkeeper", {}),
        ("user", 5),
        ("load", []),
    ],
)
def test_command_not_understood_is_refused_with_a_reason(tell: Any, name: str, body: Any) -> None:
    status, answer = tell("POST", name, body)
    assert status in {404, 422}
    assert answer["error"]


def test_clock_runs_faster_from_now_on(tell: Any, xero: Any) -> None:
    assert tell("POST", "clock", {"rate": 60})[1]["rate"] == 60
    assert xero.clock.rate == 60


def test_webhooks_are_aimed_and_turned_off(tell: Any, xero: Any) -> None:
    tell("POST", "webhooks", {"url": "http://127.0.0.1:1/webhooks/xero"})
    assert xero.webhooks.url == "http://127.0.0.1:1/webhooks/xero"
    tell("POST", "webhooks", {"url": None})
    assert xero.webhooks.url is None


def test_reset_forgets_books_and_orders(tell: Any, xero: Any) -> None:
    xero.written = [b"1"]
    assert tell("GET", "dump")[1] == {"written": ["1"]}
    assert tell("POST", "reset")[0] == 200
    assert tell("GET", "dump")[1] == {"written": []}
