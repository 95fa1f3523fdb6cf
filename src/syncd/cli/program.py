"""Every command in a line, by what it is for: what `--help` shows without loading any of them."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import version
from typing import Literal

from cyclopts import (
    App,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnusedCliTokensError,
)

_ASKING, _ORDERING, _RUNNING = "Asking a running daemon", "Ordering", "Running and preparing"
_TRYING = "Trying it out"
_COMMANDS = {
    _TRYING: (
        (
            "demo",
            "pretend.demo:demo",
            "The whole system offline, with people at work in both books.",
        ),
        ("sandbox", "pretend.sandbox:sandbox", "A pretend Xero and a pretend Pipeline on ports."),
        (
            "simulate",
            "pretend.simulate:simulate",
            "The whole daemon under a seeded, hostile world.",
        ),
        (
            "conformance",
            "local.conformance:conformance",
            "A server of Pipeline's side, held against the contract.",
        ),
    ),
    _RUNNING: (
        ("run", "local.run:run", "The daemon, in the foreground."),
        (
            "check-config",
            "local.configuration:check_config",
            "Whether the configuration can be used.",
        ),
        ("config", "local.shipped:config", "Files for an installation: example, unit, rules."),
        (
            "reload",
            "local.reload:reload",
            "Have the running daemon read its configuration again.",
        ),
        ("notify", "local.notify:notify", "Messages to people: try whether they arrive."),
        (
            "support-bundle",
            "local.support:support_bundle",
            "What whoever helps needs to see, in one file without secrets.",
        ),
        ("keys", "local.configuration:keys", "Encryption keys: generate, rotate."),
        ("db", "local.database:db", "The store: upgrade, check, size, copy, backup, restore."),
        ("version", "commands.service:show_version", "The program's version."),
    ),
    _ASKING: (
        ("health", "commands.service:health", "Whether the daemon lives, or takes work."),
        (
            "console",
            "commands.service:open_console",
            "A link to the console that signs you in once.",
        ),
        (
            "status",
            "commands.service:status",
            "Per tenant: connection, queue, calls left, what is wrong.",
        ),
        (
            "tenants",
            "commands.tenants:tenants",
            "Tenants: list, show, add, remove, pause, resume, live, observe.",
        ),
        ("needs", "commands.needs:needs", "What a person must do, by cause."),
        ("jobs", "commands.needs:jobs", "What was ordered and takes its time."),
        (
            "invoices",
            "commands.invoices:invoices",
            "Invoices: list, show, explain, diff, resolve, retry.",
        ),
        (
            "contacts",
            "commands.contacts:contacts",
            "Customers and their contacts: list, link, create.",
        ),
        (
            "findings",
            "commands.findings:findings",
            "What people should know of, open until it is gone.",
        ),
        (
            "report",
            "commands.report:report",
            "Control totals: Pipeline = Xero + listed exceptions.",
        ),
        ("events", "commands.journal:events", "The newest entries of the audit trail."),
        ("journal", "commands.journal:journal", "The audit trail: verify its chain, erase words."),
    ),
    _ORDERING: (
        (
            "connect",
            "commands.tenants:connect",
            "Connect to Xero: the address to open in a browser.",
        ),
        ("refresh", "commands.tenants:refresh", "Refresh Token: have it renewed now."),
        ("disconnect", "commands.tenants:disconnect", "Disconnect; links, queue and history stay."),
        ("plan", "commands.plan:plan", "All that would be written, with money totals."),
        ("apply", "commands.plan:apply", "Carry out a plan that was kept."),
        ("reconcile", "commands.reconcile:reconcile", "A reconcile round now, and what it finds."),
        ("brakes", "commands.brakes:brakes", "Halted tenants: list, release."),
        (
            "webhooks",
            "commands.webhooks:webhooks",
            "Webhooks: what came, what was missed; replay.",
        ),
    ),
}


def in_words(error: CycloptsError) -> str:
    """A usage error; what is missing is called as its page calls it: TENANT, not --tenant."""
    argument = error.argument
    command = " ".join(("syncd", *(error.command_chain or ())))
    if isinstance(error, UnusedCliTokensError):
        odd = ", ".join(error.unused_tokens or ())
        return f"{command}: {odd} is more than it takes. `{command} --help` says what it takes."
    if isinstance(error, MissingArgumentError) and argument is not None and error.keyword is None:
        name = argument.name
        if argument.field_info.is_positional:
            name = name.lstrip("-").replace("-", "_").upper()
        return f"{command}: {name} is missing. `{command} --help` says more."
    if isinstance(error, UnknownCommandError):
        return _no_such_command(command, (error.unused_tokens or ("",))[0])
    said = str(error).rstrip(". ")
    stop = "" if said.endswith("?") else "."
    return f"{command}: {said}{stop} `{command} --help` says more."


def _no_such_command(command: str, word: str) -> str:
    """What may be meant: a command spelt like it, or a family's of that name."""
    if command == "syncd":
        names = [name for rows in _COMMANDS.values() for name, _, _ in rows]
        known = [f"syncd {name} {word}" for name in names if word in _names_below(name)]
    else:
        names, known = _names_below(*command.split()[1:]), []
    known = known or [f"{command} {name}" for name in get_close_matches(word, names, n=1)]
    meant = " or ".join(f"`{one}`" for one in known)
    did_you = f" Did you mean {meant}?" if meant else ""
    return f"{command}: there is no command {word}.{did_you} `{command} --help` lists them."


def _names_below(*names: str) -> list[str]:
    """The commands of a family; none below what is none."""
    family = app
    for name in names:
        family = family[name]
    return [name for name in family if not name.startswith("-")]


_EXAMPLES = """\
Examples:

    syncd demo                                the whole system, offline
    syncd connect acme                        an address to open in a browser
    syncd status                              how every tenant stands
    syncd status --url https://syncd.example  the same of a daemon elsewhere
    syncd invoices list --state waiting       what waits, and for what
    syncd invoices explain INV-0042           one invoice's story

`syncd COMMAND --help` says everything about a command.
"""
app = App(
    name="syncd",
    help="Keeps Pipeline's invoices and Xero's accounts in agreement.",
    help_epilogue=_EXAMPLES,
    version=f"syncd {version('syncd')}",
    error_formatter=in_words,
)
for _group, _rows in _COMMANDS.items():
    for _name, _place, _says in _rows:
        app.command(f"syncd.cli.{_place}", name=_name, help=_says, group=_group)


@app.command(group=_RUNNING)
def completion(shell: Literal["bash", "zsh", "fish"]) -> None:
    """Print what a shell completes commands and options from.

    Parameters
    ----------
    shell
        To be kept for bash in /etc/bash_completion.d/syncd, for zsh as _syncd in a folder of its
        fpath, for fish in ~/.config/fish/completions/syncd.fish.
    """
    print(app.generate_completion(shell=shell))  # noqa: T201  (for a program)
