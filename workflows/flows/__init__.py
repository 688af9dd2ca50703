"""The flows, one module each; their text reads like the procedure.

Names of modules, classes and nodes are stored in the database: they are
frozen by tests/guards/frozen_names.txt and renamed only together with a
data migration.
"""

from workflows.flows.application import ApplicationFlow
from workflows.flows.base import CaseFlow
from workflows.flows.change import ChangeFlow
from workflows.flows.clawback import ClawbackFlow
from workflows.flows.finding import FindingFlow
from workflows.flows.objection import ObjectionFlow
from workflows.flows.payment import PaymentFlow
from workflows.flows.project import ProjectFlow
from workflows.flows.reopening import ReopeningFlow
from workflows.flows.suspension import SuspensionFlow
from workflows.flows.termination import TerminationFlow
from workflows.flows.tracking import TrackingFlow

FLOWS: tuple[type[CaseFlow], ...] = (
    ApplicationFlow,
    ProjectFlow,
    TrackingFlow,
    PaymentFlow,
    ObjectionFlow,
    ChangeFlow,
    SuspensionFlow,
    TerminationFlow,
    ClawbackFlow,
    ReopeningFlow,
    FindingFlow,
)

__all__ = [
    "FLOWS",
    "ApplicationFlow",
    "CaseFlow",
    "ChangeFlow",
    "ClawbackFlow",
    "FindingFlow",
    "ObjectionFlow",
    "PaymentFlow",
    "ProjectFlow",
    "ReopeningFlow",
    "SuspensionFlow",
    "TerminationFlow",
    "TrackingFlow",
]
