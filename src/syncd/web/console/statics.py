"""Style, script and icons of the console: read and packed once, under names that carry a digest.

A name that carries its content's digest never changes what it answers, so a browser asks once.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files

from aiohttp import web

from syncd.domain.model.value import Value
from syncd.web.http.problems import ProblemError

PATH = "/static/{digest}/{name}"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOLDERS = ("", "vendor")
_FOR_EVER = "public, max-age=31536000, immutable"


class StaticFile(Value, frozen=True, kw_only=True):
    """A file as it is answered; `path` begins at the site's root."""

    path: str
    kind: str
    plain: bytes
    packed: bytes


@cache
def every() -> dict[str, StaticFile]:
    """The files of the package by name; read at the first call."""
    found: dict[str, StaticFile] = {}
    root = files("syncd.web").joinpath("static")
    for folder in _FOLDERS:
        for each in root.joinpath(folder).iterdir():
            kind = _KINDS.get(f".{each.name.rpartition('.')[2]}")
            if kind is not None:
                found[each.name] = _read(each.name, kind, each.read_bytes())
    return found


def path_of(name: str) -> str:
    """Where a file of the package is found. Raises KeyError for another name."""
    return every()[name].path


async def answer(request: web.Request) -> web.Response:
    """GET /static/…: packed for whoever takes it so."""
    found = every().get(request.match_info["name"])
    if found is None or found.path != request.path:
        raise ProblemError(404, "No such file", f"There is nothing at {request.path}.")
    headers = {"Cache-Control": _FOR_EVER, "Content-Type": found.kind, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=found.packed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=found.plain, headers=headers)


def _read(name: str, kind: str, content: bytes) -> StaticFile:
    digest = hashlib.sha256(content).hexdigest()[:16]
    path = PATH.format(digest=digest, name=name)
    return StaticFile(
        path=path, kind=kind, plain=content, packed=gzip.compress(content, 9, mtime=0)
    )
