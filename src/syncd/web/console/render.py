"""The templates: jinja2, escaping everything, refusing a name that is not there.

Made once a process; every application shares it, for a template knows nothing of whom it is for.
"""

from __future__ import annotations

import shlex
from functools import cache

import aiohttp_jinja2
from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from syncd.web.console import amounts, statics, visit


@cache
def environment() -> Environment:
    """The templates of the console."""
    made = Environment(
        loader=PackageLoader("syncd.web", "templates/console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["static"] = statics.path_of
    made.globals["place"] = visit.place
    made.filters["count"] = amounts.count
    made.filters["money"] = amounts.amount
    made.filters["shell"] = shlex.quote
    return made


def prepare(app: web.Application) -> None:
    """Let an application's handlers render them."""
    app[aiohttp_jinja2.APP_KEY] = environment()
