"""An action's role is that of its operation's row in the API's table."""

from __future__ import annotations

from syncd.domain.model.action import Action
from syncd.domain.rules.journal import actions as rules
from syncd.web.api.application import endpoints
from syncd.web.api.overview import actions
from tests.web.support.serving import Served

KNOWN = [one for one in vars(rules).values() if isinstance(one, Action)]


def test_every_operation_is_in_the_table_under_the_same_role(served: Served) -> None:
    roles = {row.name: row.role for row in endpoints(served.desk.operations)}

    assert {name: roles.get(name) for name in actions.ROLES} == actions.ROLES
    assert {one.operation for one in KNOWN if one.operation} == set(actions.ROLES)
