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
from grants.models.eligibility import EligibilityCheck, Verdict
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
from grants.models.sideways import (
    ChangeKind,
    ChangeRequest,
    ChangeStatus,
    Reopening,
    ReopeningStatus,
    Repayment,
    RepaymentStatus,
    Termination,
    TerminationGround,
    TerminationStatus,
)
from grants.models.submitted import SubmittedForm
from grants.models.tracking import Stage, StageKind, StageStatus, Visit

__all__ = [
    "Activity",
    "Agreement",
    "Application",
    "AuditReport",
    "BudgetLine",
    "Case",
    "ChangeKind",
    "ChangeRequest",
    "ChangeStatus",
    "Closure",
    "Cover",
    "Decision",
    "DecisionLine",
    "DecisionOutcome",
    "District",
    "Draft",
    "DraftEditor",
    "EligibilityCheck",
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
    "Reopening",
    "ReopeningStatus",
    "Repayment",
    "RepaymentStatus",
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
    "Termination",
    "TerminationGround",
    "TerminationStatus",
    "Tier",
    "Tranche",
    "TrancheStatus",
    "Verdict",
    "Visit",
]
