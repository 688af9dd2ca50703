"""What the demo's organisations file with their applications.

Of each four, one brings all, one lacks a paper, one has a certificate that has run
out, and one has not begun: so the list of papers has something to show.
"""

import base64
from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.utils.timezone import now

from attachments.services import add_document
from grants.calendar import today
from grants.forms.base import TINY_PDF
from grants.models import Case
from grants.services.paper_dates import keep_dates
from organisations.models import User

#: Kinds of the programme's list (grants/default_programme.yaml), the name of the
#: file, and its dates in days from the day of filing: of issue, of its end.
FILED: tuple[tuple[str, str, int | None, int | None], ...] = (
    ("sealed_application", "申报书（签字盖章、社区签章）", None, None),
    ("registration_certificate", "社会组织登记证书", -700, 900),
    ("representative_identity", "法定代表人身份证明", -1500, 2100),
    ("charter", "章程", None, None),
    ("annual_report", "上年度年检结论", -200, None),
    ("finance_rules", "财务管理制度", None, None),
    ("no_violation_pledge", "无违法违规承诺书", None, None),
)
LACKING, EXPIRED = "finance_rules", "registration_certificate"


#: What the office adds when it has screened an application.
SCREENSHOT = {"name": "信用中国查询截图.pdf", "content_base64": TINY_PDF}


def file_papers(case: Case, number: int, *, by: User) -> None:
    """File the papers of the application with this number in its round."""
    brings = number % 4
    if brings == 3:
        return
    for kind, title, issued, ends in FILED:
        if brings == 1 and kind == LACKING:
            continue
        content = base64.b64decode(TINY_PDF)
        upload = ContentFile(content, name=f"{title}.pdf")
        document = add_document(
            case.folder, kind=kind, upload=upload, by=by, title=title
        )
        if issued is not None:
            if brings == 2 and kind == EXPIRED:
                ends = -30
            keep_dates(
                case, document, by=by, issued_on=_day(issued), valid_until=_day(ends)
            )


def _day(days: int | None) -> date | None:
    return None if days is None else today(now()) + timedelta(days=days)
