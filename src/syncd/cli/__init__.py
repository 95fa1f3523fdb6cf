"""The command line: one room per family of commands, loaded when it is called."""

from __future__ import annotations

from importlib.metadata import version

from cyclopts import App

app = App(
    name="syncd",
    help="Keeps Pipeline's invoices and Xero's accounts in agreement.",
    version=f"syncd {version('syncd')}",
)
app.command("syncd.cli.demo:demo", name="demo")
app.command("syncd.cli.run:run", name="run")
app.command("syncd.cli.sandbox:sandbox", name="sandbox")
app.command("syncd.cli.simulate:simulate", name="simulate")
app.command("syncd.cli.configuration:check_config", name="check-config")
app.command("syncd.cli.configuration:keys", name="keys")
app.command("syncd.cli.database:db", name="db")
app.command("syncd.cli.service:health", name="health")
app.command("syncd.cli.service:status", name="status")
app.command("syncd.cli.service:show_version", name="version")
app.command("syncd.cli.tenants:tenants", name="tenants")
app.command("syncd.cli.tenants:connect", name="connect")
app.command("syncd.cli.tenants:refresh", name="refresh")
app.command("syncd.cli.tenants:disconnect", name="disconnect")
app.command("syncd.cli.invoices:invoices", name="invoices")
app.command("syncd.cli.contacts:contacts", name="contacts")
app.command("syncd.cli.plan:plan", name="plan")
app.command("syncd.cli.plan:apply", name="apply")
app.command("syncd.cli.reconcile:reconcile", name="reconcile")
app.command("syncd.cli.findings:findings", name="findings")
app.command("syncd.cli.report:report", name="report")
app.command("syncd.cli.brakes:brakes", name="brakes")
app.command("syncd.cli.webhooks:webhooks", name="webhooks")
app.command("syncd.cli.journal:journal", name="journal")
app.command("syncd.cli.journal:events", name="events")


def main() -> None:
    """The `syncd` program."""
    app()
