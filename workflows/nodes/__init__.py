"""Our nodes: thin classes on viewflow's, with their BPMN elements.

    Step(action, by(ROLE))   a person completes it; one WorkItem while open
    Auto(service)            the system does it at once
    Await(action)            a batch service of the round releases it
    Until(moment)            the sweep releases it
    When(condition)          goes on once a stored fact is true
    ForEach(items)           one branch per item, joined by Join
    Call(Flow, kind)         a child flow under the same case
    Switch(fact)             reads what a service stored

viewflow's wheel has no subprocess and no split over data (PARTS.md); its
View node knows no audience of ours. Exceptions always propagate: a failed
step rolls back as a whole, so no task is ever left in ERROR.
"""

from workflows.nodes.audience import Audience, by, holder, member
from workflows.nodes.base import OPEN_STATUSES
from workflows.nodes.gateways import Enter, ForEach, Join, Switch
from workflows.nodes.processes import Call, End
from workflows.nodes.step import Due, Step
from workflows.nodes.waiting import Auto, Await, Until, When

__all__ = [
    "OPEN_STATUSES",
    "Audience",
    "Auto",
    "Await",
    "Call",
    "Due",
    "End",
    "Enter",
    "ForEach",
    "Join",
    "Step",
    "Switch",
    "Until",
    "When",
    "by",
    "holder",
    "member",
]
