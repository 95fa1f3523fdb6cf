"""docs/sandbox.md says what the sandbox does: its switches, its faults, and how to point a client.

When a row is missing the failure shows it has to stand in the document.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.sandbox import control
from syncd.sandbox.pipeline import app as pipeline
from syncd.sandbox.xero.actor import commands
from syncd.sandbox.xero.ledger import switches
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.protocol import faults
from syncd.sandbox.xero.server import resources
from tests.sandbox.acceptance.support.running import started

DOCUMENT = Path(__file__).parents[2] / "docs" / "sandbox.md"


def chapter(title: str) -> str:
    text = DOCUMENT.read_text("utf-8")
    return re.split(r"\n##+ ", text.split(f" {title}\n", 1)[1])[0]


def rows(title: str) -> list[str]:
    return [line for line in chapter(title).splitlines() if line.startswith("| `")]


def switch_rows() -> list[str]:
    """The table of Xero's switches as the code has them."""
    tree = ast.parse(inspect.getsource(switches))
    (own,) = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    found = []
    for named, after in zip(own.body, own.body[1:], strict=False):
        if isinstance(named, ast.AnnAssign) and isinstance(named.target, ast.Name):
            name = named.target.id
            default = json.dumps(getattr(Switches(), name))
            text = " ".join(ast.literal_eval(after.value).split())  # type: ignore[attr-defined]  # test_switches holds that a text follows
            found.append(f"| `{name}` | `{default}` | {text} |")
    return found


def pipeline_rows() -> list[str]:
    """The table of Pipeline's switches as the code has them."""
    source = inspect.getsource(pipeline)
    found = []
    for name, default in pipeline.SWITCHES.items():
        (text,) = re.findall(rf'^    "{name}": .*?,(?:  # (.*))?$', source, re.MULTILINE)
        found.append(f"| `{name}` | `{json.dumps(default)}` | {text or 'the largest body taken'} |")
    return found


def fault_rows() -> list[str]:
    """The table of Xero's faults as the code has them."""
    told = dict(re.findall(r"^    (\w+) {2,}(.*)$", faults.__doc__ or "", re.MULTILINE))
    return [f"| `{kind}` | {told[kind]} |" for kind in faults.KINDS]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Xero's switches", switch_rows()),
        ("Pipeline's switches", pipeline_rows()),
        ("Xero's faults", fault_rows()),
    ],
)
def test_table_is_what_the_code_says(title: str, wanted: list[str]) -> None:
    assert rows(title) == wanted


def test_every_resource_is_named_as_covered_or_not() -> None:
    covered, missing = chapter("What is covered").lower(), chapter("What is not").lower()
    roots = {route.pattern.split("/")[0].lower() for route in resources.ROUTES}

    assert [each for each in sorted(roots) if each not in covered] == []
    assert [each for each in sorted(resources.UNCOVERED) if each not in missing] == []


def test_every_action_of_the_bookkeeper_is_named() -> None:
    text = chapter("Commands of the bookkeeper and the user")

    assert [each for each in [*commands.ACTIONS, "disconnect"] if f"`{each}`" not in text] == []


def test_every_control_command_is_named() -> None:
    source = inspect.getsource(control)
    commands = re.findall(r'\("(GET|POST)", "(\w+)"\):', source)
    text = chapter("Control")

    assert len(commands) >= 6
    assert [name for method, name in commands if f"`{method} {name}`" not in text] == []


def test_python_example_runs_as_it_stands() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    with started() as sandbox:
        told = json.dumps({"xero": dict(sandbox.xero), "pipeline": dict(sandbox.pipeline)})
        ran = subprocess.run(  # noqa: S603 - the document's own example
            [sys.executable, "-c", example],
            input=told,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == ["Harbour Build", "PL-1 AUTHORISED 414"]
