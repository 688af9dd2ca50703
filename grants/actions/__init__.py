"""Every action by name, in the order of the road."""

from grants.actions.asking import ASKING
from grants.actions.auditing import AUDITING
from grants.actions.base import Action
from grants.actions.deciding import DECIDING
from grants.actions.ledger import LEDGER
from grants.actions.running import RUNNING
from grants.actions.sideways import SIDEWAYS

ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (*ASKING, *DECIDING, *RUNNING, *LEDGER, *SIDEWAYS, *AUDITING)
}

__all__ = ["ACTIONS", "Action"]
