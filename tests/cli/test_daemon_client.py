"""How commands reach the daemon, and how they end when they do not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.parameters import Reached
from tests.cli.commanding import Commanded, lines


async def test_client_calls_as_the_operator_who_may_do_most(commanded: Commanded) -> None:
    client = DaemonClient(commanded.daemon)

    await client.post("/api/v1/tenants/acme/connect")

    assert commanded.desk.column.pressed == [("connect", "acme", "super user")]


async def test_no_daemon_is_try_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "syncd.toml"
    config.write_text(lines(listen="127.0.0.1:9", store=tmp_path / "s.db"), "utf-8")
    client = DaemonClient(Reached(config=config))

    with pytest.raises(SystemExit) as ended:
        await client.get("/api/v1/tenants")

    assert ended.value.code == 75
    assert "syncd run" in capsys.readouterr().err


async def test_refusal_is_said_in_the_daemons_words(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    client = DaemonClient(commanded.daemon)

    with pytest.raises(SystemExit) as ended:
        await client.get("/api/v1/tenants/stranger")

    assert ended.value.code == 1
    assert "serves no tenant 'stranger'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (web.Response(text="<html>Sign in</html>"), 1, "HTTP 200: <html>Sign in"),
        (web.Response(status=302, headers={"Location": "/login"}), 1, "leads to /login"),
        (web.Response(body=b"\xff\xfe"), 1, "does not answer as syncd does"),
        (web.Response(text="[1, 2]"), 1, "does not answer as syncd does"),
        (web.Response(status=404, text='["x"]'), 1, "does not answer as syncd does"),
        (web.Response(status=204), 1, "HTTP 204: nothing"),
        (web.Response(status=404), 1, "HTTP 404"),
        (web.Response(status=504, text="<h1>Time-out</h1>"), 75, "did not wait for its answer"),
    ],
    ids=lambda each: "" if isinstance(each, web.Response) else str(each),
)
async def test_whoever_else_answers_is_no_daemon_and_no_traceback(
    answer: web.Response, code: int, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A proxy's sign-in page, another program's port, a gateway that does not wait."""

    async def answered(_: web.Request) -> web.Response:
        return answer

    with pytest.raises(SystemExit) as ended:
        await _asked(answered, tmp_path)

    assert ended.value.code == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_order_whose_answer_broke_off_may_have_been_done(
    method: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(SystemExit) as ended:
        await _asked(cut, tmp_path, method)

    told = capsys.readouterr().err
    assert ended.value.code == 75
    assert "did not answer to its end" in told
    assert ("may have been done" in told) is (method == "POST")


async def _asked(
    answer: Callable[[web.Request], Awaitable[web.Response]], folder: Path, method: str = "GET"
) -> None:
    app = web.Application()
    app.add_routes([web.route("*", "/{path:.*}", answer)])
    token = folder / "token"
    token.write_text("a-token-of-an-operator", "utf-8")
    async with TestServer(app) as server:
        client = DaemonClient(Reached(url=str(server.make_url("")), token_file=token))
        await (client.get("/api/v1/tenants") if method == "GET" else client.post("/api/v1/x"))


def test_path_keeps_its_parts_apart() -> None:
    assert path_of("api", "a/b", "ü ?") == "/api/a%2Fb/%C3%BC%20%3F"
