"""The command line: one room per family of commands, loaded when it is called.

So what a command does in a line stands here, where `--help` finds it without loading anything.
"""

from __future__ import annotations

from importlib.metadata import version

from cyclopts import App, CycloptsError, MissingArgumentError, UnusedCliTokensError

_ASKING, _ORDERING, _RUNNING = "Asking a running daemon", "Ordering", "Running and preparing"
_TRYING = "Trying it out"
_COMMANDS = {
    _TRYING: (
        ("demo", "demo:demo", "The whole system offline, with people at work in both books."),
        ("sandbox", "sandbox:sandbox", "A pretend Xero and a pretend Pipeline on ports."),
        ("simulate", "simulate:simulate", "The whole daemon under a seeded, hostile world."),
    ),
    _RUNNING: (
        ("run", "run:run", "The daemon, in the foreground."),
        ("check-config", "configuration:check_config", "Whether the configuration can be used."),
        ("keys", "configuration:keys", "Encryption keys: generate, rotate."),
        ("db", "database:db", "The store: upgrade, check, backup, restore."),
        ("version", "service:show_version", "The program's version."),
    ),
    _ASKING: (
        ("health", "service:health", "Whether the daemon lives, or takes work."),
        ("status", "service:status", "Per tenant: connection, queue, calls left, what is wrong."),
        ("tenants", "tenants:tenants", "Tenants: list, show, pause, resume, live, observe."),
        ("invoices", "invoices:invoices", "Invoices: list, show, explain, diff, resolve, retry."),
        ("contacts", "contacts:contacts", "Customers and their contacts: list, link, create."),
        ("findings", "findings:findings", "What people should know of, open until it is gone."),
        ("report", "report:report", "Control totals: Pipeline = Xero + listed exceptions."),
        ("events", "journal:events", "The newest entries of the audit trail."),
        ("journal", "journal:journal", "The audit trail: verify its chain, erase words."),
    ),
    _ORDERING: (
        ("connect", "tenants:connect", "Connect to Xero: the address to open in a browser."),
        ("refresh", "tenants:refresh", "Refresh Token."),
        ("disconnect", "tenants:disconnect", "Disconnect; links, queue and history stay."),
        ("plan", "plan:plan", "All that would be written, with money totals."),
        ("apply", "plan:apply", "Carry out a plan that was kept."),
        ("reconcile", "reconcile:reconcile", "A reconcile round now, and what it finds."),
        ("brakes", "brakes:brakes", "Halted tenants: list, release."),
        ("webhooks", "webhooks:webhooks", "Xero's webhooks: work through them once more."),
    ),
}


def in_words(error: CycloptsError) -> str:
    """A usage error; what is missing is called as its page calls it: TENANT, not --tenant."""
    argument = error.argument
    if isinstance(error, UnusedCliTokensError):
        command = " ".join(("syncd", *(error.command_chain or ())))
        odd = ", ".join(error.unused_tokens or ())
        return f"{command}: {odd} is more than it takes. `{command} --help` says what it takes."
    if isinstance(error, MissingArgumentError) and argument is not None and error.keyword is None:
        command = " ".join(("syncd", *(error.command_chain or ())))
        name = argument.name
        if argument.field_info.is_positional:
            name = name.lstrip("-").replace("-", "_").upper()
        return f"{command}: {name} is missing. `{command} --help` says more."
    return str(error)


app = App(
    name="syncd",
    help="Keeps Pipeline's invoices and Xero's accounts in agreement.",
    version=f"syncd {version('syncd')}",
    error_formatter=in_words,
)
for _group, _rows in _COMMANDS.items():
    for _name, _place, _says in _rows:
        app.command(f"syncd.cli.{_place}", name=_name, help=_says, group=_group)


def main() -> None:
    """The `syncd` program."""
    app()
