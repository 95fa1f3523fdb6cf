"""Chapters of the documents that are made from the code. `make pages` writes them; tests compare.

A chapter stands between `<!-- made: NAME -->` and `<!-- end -->`; what it says is said in the code
(docstrings, decisions' titles, the options and their example), so nobody edits it by hand.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.house.support.configuration_page import configuration
from tests.house.support.source import ROOT, SRC, rooms, tree_of

DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
MARKED = re.compile(r"(<!-- made: ([\w-]+) -->\n\n)(.*?)(\n\n<!-- end -->)", flags=re.DOTALL)


def first_line(room: Path) -> str:
    """What a room's docstring says first."""
    held = ast.get_docstring(ast.parse(room.read_text("utf-8")))
    assert held, f"{room} says nothing"
    return held.splitlines()[0]


def layers() -> Mapping[str, Sequence[str]]:
    """What lies inside a floor or folder, from its top to its ground, as the contracts have it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {
        container: [name for layer in contract["layers"] for name in re.findall(r"\w+", layer)]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
        for container in contract["containers"]
    }


def folders() -> list[str]:
    """Every folder of the daemon, from the top of the house to its ground."""
    order = layers()

    def place(folder: str) -> list[int]:
        words = ["syncd", *folder.split("/")]
        steps = [(".".join(words[:at]), words[at]) for at in range(1, len(words))]
        return [order[above].index(name) for above, name in steps if above in order]

    found = [each.parent.relative_to(SRC).as_posix() for each in SRC.rglob("*/__init__.py")]
    return sorted(found, key=lambda folder: (place(folder), folder))


def module_map() -> str:
    """The folders and what each holds."""
    rows = [f"| `{each}` | {first_line(SRC / each / '__init__.py')} |" for each in folders()]
    return "\n".join(["| folder | holds |", "| --- | --- |", *rows])


def decisions() -> list[Path]:
    """The pages of decisions, by number."""
    return sorted(page for page in DECISIONS.glob("*.md") if page.name != "README.md")


def decisions_index() -> str:
    """Every decision with its day and title."""
    rows = []
    for page in decisions():
        title, _, status = page.read_text("utf-8").splitlines()[:3]
        rows.append(f"| [{page.name[:4]}]({page.name}) | {status[-10:]} | {title[7:]} |")
    return "\n".join(["| page | decided | in a sentence |", "| --- | --- | --- |", *rows])


def errors() -> dict[str, ast.ClassDef]:
    """Every error of our own tree, each after what it is a kind of."""
    tree = SRC / "domain" / "errors.py"
    found: dict[str, ast.ClassDef] = {}
    for room in (tree, *(each for each in rooms() if each != tree)):
        for node in tree_of(room).body:
            match node:
                case ast.ClassDef(name="SyncdError"):
                    found[node.name] = node
                case ast.ClassDef(bases=[ast.Name(id=parent)]) if parent in found:
                    found[node.name] = node
    return found


def parent_of(error: ast.ClassDef) -> str:
    """What the error is a kind of."""
    (base,) = error.bases
    return ast.unparse(base)


def disposition(error: ast.ClassDef, known: Mapping[str, ast.ClassDef]) -> str:
    """What the queue does with a job that met the error: its own word, or its parent's."""
    for line in error.body:
        match line:
            case (
                ast.Assign(targets=[ast.Name(id="disposition")], value=said)
                | ast.AnnAssign(target=ast.Name(id="disposition"), value=said)
            ) if said is not None:
                return ast.unparse(said).rpartition(".")[2].lower()
    return disposition(known[parent_of(error)], known)


def drawn(below: str = "SyncdError", lead: str = "") -> Iterator[tuple[str, str]]:
    """The errors below one, in the order of the drawing, each after the twigs that lead to it."""
    known = errors()
    kinds = [name for name, node in known.items() if parent_of(node) == below]
    for name in kinds:
        is_last = name == kinds[-1]
        yield f"{lead}{'└─ ' if is_last else '├─ '}", name
        yield from drawn(name, lead + ("   " if is_last else "│  "))


def error_tree() -> str:
    """The tree as a drawing: what the queue does, and what it means."""
    known = errors()
    lines = []
    for twigs, name in drawn():
        says = ast.get_docstring(known[name])
        assert says, f"{name} says nothing"
        meaning = says.split("\n")[0].split(". ")[0].rstrip(".")
        lines.append(f"{twigs + name:<24} {disposition(known[name], known):<7} {meaning}")
    return "\n".join(["```", "SyncdError", *lines, "```"])


CHAPTERS: Mapping[str, tuple[Path, Callable[[], str]]] = {
    "module-map": (DOCS / "architecture.md", module_map),
    "errors": (DOCS / "errors.md", error_tree),
    "configuration": (DOCS / "configuration.md", configuration),
    "decisions": (DECISIONS / "README.md", decisions_index),
}
"""Each chapter's document and maker."""


def made(document: Path) -> str:
    """The document with all its chapters made anew."""

    def fresh(found: re.Match[str]) -> str:
        return f"{found[1]}{CHAPTERS[found[2]][1]()}{found[4]}"

    return MARKED.sub(fresh, document.read_text("utf-8"))


if __name__ == "__main__":
    for page in sorted({page for page, _ in CHAPTERS.values()}):
        page.write_text(made(page), encoding="utf-8")
