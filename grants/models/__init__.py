"""The nouns of a grant programme."""

from grants.models.application import Application, BudgetLine, Project
from grants.models.case import Case, Hold, HoldKind, Status
from grants.models.contract import (
    Agreement,
    AuditReport,
    Closure,
    PaymentBatch,
    Refund,
    Tranche,
    TrancheStatus,
)
from grants.models.cover import Cover
from grants.models.decision import (
    Decision,
    DecisionLine,
    DecisionOutcome,
    Notice,
    Objection,
    ObjectionStatus,
)
from grants.models.draft import Draft, DraftEditor
from grants.models.programme import (
    District,
    Programme,
    ProgrammeRules,
    Role,
    RoleGroup,
    Round,
    Tier,
)
from grants.models.proposal import (
    Activity,
    Indicator,
    OtherFunding,
    Partner,
    SimilarProject,
    TeamMember,
)
from grants.models.review import Panel, Recusal, Review, Score, Seat, SeatStatus
from grants.models.submitted import SubmittedForm
from grants.models.tracking import Stage, StageKind, StageStatus, Visit

__all__ = [
    "Activity",
    "Agreement",
    "Application",
    "AuditReport",
    "BudgetLine",
    "Case",
    "Closure",
    "Cover",
    "Decision",
    "DecisionLine",
    "DecisionOutcome",
    "District",
    "Draft",
    "DraftEditor",
    "Hold",
    "HoldKind",
    "Indicator",
    "Notice",
    "Objection",
    "ObjectionStatus",
    "OtherFunding",
    "Panel",
    "Partner",
    "PaymentBatch",
    "Programme",
    "ProgrammeRules",
    "Project",
    "Recusal",
    "Refund",
    "Review",
    "Role",
    "RoleGroup",
    "Round",
    "Score",
    "Seat",
    "SeatStatus",
    "SimilarProject",
    "Stage",
    "StageKind",
    "StageStatus",
    "Status",
    "SubmittedForm",
    "TeamMember",
    "Tier",
    "Tranche",
    "TrancheStatus",
    "Visit",
]
