"""The import contract "one library, one owner", written as a table of `name <- importers`.

Used by import-linter (`contract_types` in pyproject.toml). Its own `protected` contract asks that
every room named in it exists; this table may name a room before it is built, so that the rule is
there on the day somebody opens the door.
"""

from __future__ import annotations

import grimp
from importlinter import Contract, ContractCheck, fields, output


def parse_row(row: str) -> tuple[str, tuple[str, ...]]:
    """Read one row `name <- importer, importer`; raises ValueError when it is not of that form."""
    name, arrow, importers = row.partition("<-")
    owners = tuple(part.strip() for part in importers.split(",") if part.strip())
    if not arrow or not name.strip() or not owners:
        message = f"expected 'library <- syncd.room, syncd.room', got {row!r}"
        raise ValueError(message)
    return name.strip(), owners


def stands_in(module: str, package: str) -> bool:
    """Say whether a module is that package or lives somewhere inside it."""
    return module == package or module.startswith(f"{package}.")


class OwnersContract(Contract):
    """Keep every direct import of an owned name inside the rooms its row lists."""

    type_name = "owners"

    owners = fields.ListField(subfield=fields.StringField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - the base class calls it so
        """Collect the imports nobody's row allows, sorted."""
        table = dict(parse_row(row) for row in self.owners)  # type: ignore[attr-defined]  # filled in per contract
        strangers = []
        for imported in sorted(graph.modules):
            name = max((own for own in table if stands_in(imported, own)), key=len, default=None)
            if name is None:
                continue
            allowed = (name, *table[name], *(own for own in table if stands_in(name, own)))
            strangers += [
                (importer, imported, table[name])
                for importer in sorted(graph.find_modules_that_directly_import(imported))
                if not any(stands_in(importer, owner) for owner in allowed)
            ]
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name the stranger, what it took, and whose it is."""
        for importer, imported, owners in check.metadata["strangers"]:
            output.print_error(f"- {importer} -> {imported}, which belongs to {', '.join(owners)}")
