"""The flows, one module each; their text reads like the procedure.

Names of modules, classes and nodes are stored in the database: they are
frozen by tests/guards/frozen_names.txt and renamed only together with a
data migration.
"""

from workflows.flows.application import ApplicationFlow
from workflows.flows.base import CaseFlow
from workflows.flows.objection import ObjectionFlow
from workflows.flows.payment import PaymentFlow
from workflows.flows.project import ProjectFlow
from workflows.flows.tracking import TrackingFlow

FLOWS: tuple[type[CaseFlow], ...] = (
    ApplicationFlow,
    ProjectFlow,
    TrackingFlow,
    PaymentFlow,
    ObjectionFlow,
)

__all__ = [
    "FLOWS",
    "ApplicationFlow",
    "CaseFlow",
    "ObjectionFlow",
    "PaymentFlow",
    "ProjectFlow",
    "TrackingFlow",
]
