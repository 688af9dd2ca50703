"""What a dossier is about, and who may have it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from attachments.models import Version
from audit.evidence import Span, Wanted
from audit.standalone.verify_dossier import Body
from grants.errors import NotVisible, NotYours
from grants.models import Case, Notice, Round
from grants.permissions import has_permission
from grants.selectors import cases_visible_to, rounds_visible_to
from organisations.models import User

Described = tuple[str, str, list[list[str]]]  # a stream, its code, its facts in words


def may_have_dossier(user: User, round_: Round) -> bool:
    """Auditor and inspector of the programme."""
    return has_permission(user, "view_trail", round_.programme_id)


@dataclass(frozen=True)
class Subject:
    """What a dossier is about: a case, a round with its cases, or a period."""

    kind: str
    code: str
    streams: list[Described]
    spans: dict[str, Span] | None = None  # the parts of a period; None: all of each
    vouched: Wanted = field(default_factory=dict)  # of a period, by checkpoint
    target: str = ""  # what the events of its making name; "": the code
    listing: Body | None = None  # of a round: the cases that are and are not here

    def steps(self) -> int:
        """How many steps its making has: a stream each, a document each."""
        names = [name for name, _code, _facts in self.streams]
        if self.spans is not None:  # how many documents is known at the end
            return len(names)
        return len(names) + Version.objects.filter(stream__in=names).count()


def case_subject(case: Case) -> Subject:
    """The case itself; then what decided on it: the round with its decisions,
    minutes, batches and notices, and the programme with who held which role."""
    notices = Notice.objects.filter(cases=case).order_by("pk")
    streams = [case_stream(case), round_stream(case.round)]
    streams += [notice_stream(notice) for notice in notices]
    return Subject("case", case.code, [*streams, programme_stream(case.round)])


def round_stream(round_: Round) -> Described:
    facts = [[_("Round"), str(round_)], [_("Programme"), str(round_.programme)]]
    return f"{round_._meta.db_table}:{round_.pk}", round_.code, facts


def notice_stream(notice: Notice) -> Described:
    """Which cases a notice named; its text is in the round's stream."""
    stream = f"{notice._meta.db_table}:{notice.pk}"
    facts = [[_("Notice"), str(notice.pk)], [_("Round"), str(notice.round)]]
    return stream, stream.replace(":", "-"), facts


def programme_stream(round_: Round) -> Described:
    programme = round_.programme
    facts = [[_("Programme"), str(programme)]]
    return f"{programme._meta.db_table}:{programme.pk}", programme.code, facts


def round_subject(round_: Round, cases: Iterable[Case]) -> Subject:
    """The round itself, then each of these cases, its notices and its programme."""
    cases = list(cases)
    handed_in = round_.cases.filter(submitted_at__isnull=False).count()
    listing = {
        "cases": sorted(case.code for case in cases),
        "others": handed_in - len(cases),
    }
    notices = Notice.objects.filter(round=round_).order_by("pk")
    streams = [round_stream(round_), *map(case_stream, cases)]
    streams += [*map(notice_stream, notices), programme_stream(round_)]
    return Subject("round", round_.code, streams, listing=listing)


def case_stream(case: Case) -> Described:
    facts = [
        [_("Application number"), case.code],
        [_("Project name"), case.title],
        [_("Applicant organisation"), str(case.organisation)],
        [_("Round"), str(case.round)],
        [_("Status"), str(case.get_status_display())],
    ]
    return f"case:{case.pk}", case.code, facts


def subject_for(user: User, kind: str, code: str) -> Subject:
    """What this person asks for. NotVisible, or NotYours for who may not."""
    case = None
    if kind == "round":
        round_ = rounds_visible_to(user).filter(code=code).first()
    else:
        case = cases_visible_to(user).filter(code=code).first()
        round_ = case.round if case else None
    if round_ is None:
        raise NotVisible()
    if not may_have_dossier(user, round_):
        raise NotYours(_("A dossier is for the auditor and the inspector."))
    if case is not None:
        return case_subject(case)
    cases = cases_visible_to(user).filter(round=round_, submitted_at__isnull=False)
    return round_subject(round_, cases.order_by("pk"))
