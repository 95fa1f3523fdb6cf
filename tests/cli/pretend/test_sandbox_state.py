from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from urllib.request import urlopen

import anyio
import pytest

from syncd.cli.pretend.sandbox_state import StateFile
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.server.app import XeroWorld
from tests.cli.pretend.test_sandbox import ask, end, running


def test_books_and_tokens_outlive_the_program(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    form = b"grant_type=client_credentials&client_id=%s&client_secret=%s"
    with running("--state", str(file)) as (process, told):
        xero = told["xero"]
        ask(f"{xero['control_url']}/bookkeeper", {"do": "create_contact", "set": {"Name": "Acme"}})
        sent = form % (xero["client_id"].encode(), xero["client_secret"].encode())
        token = ask_form(f"{xero['identity_url']}/connect/token", sent)["access_token"]
        assert end(process, signal.SIGTERM) == 0
    assert json.loads(file.read_text("utf-8"))["version"] == 1
    with running("--state", str(file)) as (_, told):
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        rows = ask(f"{told['xero']['api_url']}/api.xro/2.0/Contacts", **headers)["Contacts"]
    assert [each["Name"] for each in rows] == ["Acme"]


def test_state_that_does_not_fit_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"version": 1, "seed": 9, "tenants": ["demo"]}', "utf-8")
    with pytest.raises(json.JSONDecodeError), running("--state", str(file)):
        pass

    assert "expected seed 0, got 9" in capfd.readouterr().err
    assert "9" in file.read_text("utf-8")


async def test_state_is_written_while_something_happens(tmp_path: Path) -> None:
    clock = SandboxClock(lambda: 1_795_306_500.0)
    file = tmp_path / "state.json"
    kept = StateFile(file, XeroWorld(clock=clock), PipelineWorld(clock=clock), every_s=0.001)
    async with anyio.create_task_group() as group:
        group.start_soon(kept.keep)
        kept.touch()
        with anyio.fail_after(5):
            while not kept.is_there:  # noqa: ASYNC110 - a file offers no event for it
                await anyio.sleep(0.001)
        group.cancel_scope.cancel()

    assert os.listdir(tmp_path) == ["state.json"]  # noqa: PTH208 - a path asked in a coroutine blocks all the same


def ask_form(url: str, body: bytes) -> dict[str, str]:
    with urlopen(url, body, timeout=10) as answer:  # noqa: S310 - a loopback address
        return dict(json.loads(answer.read()))
