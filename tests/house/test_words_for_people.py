"""An exception's text goes to the log alone: what people read is made by `rules.text.wording`.

In `engine`, `web`, `xero` and `pipeline` a caught error may be turned into text only where a fact
for the log, or another error, is made of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.support.source import SRC, called_name, name_of, rooms, tree_of

FLOORS = ("engine", "web", "xero", "pipeline")
LOGGED = {"RoundDeferred", "ServiceFailed", "ConfigReloaded"}
"""Facts that only the log repeats."""
ELSEWHERE = {
    "src/syncd/pipeline/wire.py": "makes an error of the decoder's",
    "src/syncd/xero/wire.py": "makes an error of the decoder's",
    "src/syncd/pipeline/wire_feed.py": "an entry's fault, which names its field",
    "src/syncd/web/http/endpoint.py": "the body's fault, in the JSON library's words for fields",
    "src/syncd/engine/loops/notifications.py": "goes into a fact that only the log repeats",
    "src/syncd/engine/replicas/holding.py": "goes into a fact that only the log repeats",
    "src/syncd/engine/replicas/standing_by.py": "goes into a probe, as every trouble of the store",
    "src/syncd/web/api/plans.py": "NotPlanned, whose text is for people",
}
"""Rooms whose texts stay in errors, or are written for people already."""


def texts_of_errors(tree: ast.Module) -> Iterator[ast.expr]:
    """Every `str(error)`, `{error}` and class name of a caught error, outside a fact or an error.

    A text kept in a name counts as the use of that name does.
    """
    for handler in ast.walk(tree):
        if isinstance(handler, ast.ExceptHandler) and handler.name:
            logged = {id(each) for each in _allowed(handler)}
            for node in ast.walk(handler):
                if _is_text_of(node, handler.name) and id(node) not in logged:
                    yield node


def _allowed(handler: ast.ExceptHandler) -> Iterator[ast.AST]:
    """What stands inside a fact for the log or the making of another error, and names for it."""
    names = set()
    for node in ast.walk(handler):
        is_logged = isinstance(node, ast.Call) and called_name(node) in LOGGED
        if is_logged or isinstance(node, ast.Raise):
            yield from ast.walk(node)
            names |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    uses = [node for node in ast.walk(handler) if isinstance(node, ast.Name)]
    for node in ast.walk(handler):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            read = [each for each in uses if each.id == name and isinstance(each.ctx, ast.Load)]
            if name in names and len(read) == 1:
                yield from ast.walk(node)


def _is_text_of(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[ast.Name(id=of)]):
            return of == name
        case ast.FormattedValue(value=ast.Name(id=of)):
            return of == name
    return False


def test_text_of_an_error_never_reaches_a_person() -> None:
    found = [
        f"{name_of(room)}:{node.lineno}"
        for room in rooms()
        if room.relative_to(SRC).parts[0] in FLOORS and name_of(room) not in ELSEWHERE
        for node in texts_of_errors(tree_of(room))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ("note(str(error))", 1),
        ("held = Held(text=f'{error}. Mend it.')", 1),
        ("text = f'{error}'\n    note(text)", 1),
        ("text = str(error)\n    observe(ServiceFailed(error=text))\n    note(text)", 1),
        ("text = str(error)\n    observe(ServiceFailed(error=text))", 0),
        ("raise Other(f'it failed: {error}') from error", 0),
        ("note(wording.in_words(error))", 0),
    ],
)
def test_watch_sees_a_planted_text(lines: str, seen: int) -> None:
    tree = ast.parse(f"try:\n    act()\nexcept Trouble as error:\n    {lines}\n")

    assert len(list(texts_of_errors(tree))) == seen
