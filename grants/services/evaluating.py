"""Evaluation sheets (评估表): dimensions, total, pass mark, satisfaction.

The first stage gets one plain score; the mid-term and the final evaluation are
scored by the dimensions of the rules (DOMAIN 7.2, 7.3).
"""

from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from grants.calendar import end_of_working_day
from grants.errors import Invalid
from grants.evaluation import dimensions_of, least_satisfaction, total_of
from grants.models import Stage, StageKind, StageScore, StageStatus
from grants.models.tracking import GradeOutcome
from grants.rules import rules_of
from grants.services.gate import gate
from grants.services.tracking import (
    end_stage,
    hold_for_rectification,
    require,
)
from organisations.models import User

Errors = dict[str, list[str]]


def sheet_errors(stage: Stage, marks: dict[str, Any]) -> Errors:
    """What is wrong with a sheet, by field; what is missing is left out."""
    dimensions = dimensions_of(stage)
    errors = _mark_errors(stage, marks) if dimensions else {}
    if errors:
        return errors
    total = total_score(stage, marks)
    if marks.get("outcome") != GradeOutcome.PASS:
        return {}
    rules = rules_of(stage.case)
    if total is not None and total < rules.stage_pass:
        message = _("A pass needs a score of at least %(mark)s.")
        field = "score" if not dimensions else f"score_{dimensions[0]['code']}"
        text = message % {"mark": rules.stage_pass}
        if dimensions:
            text = " ".join([text, _("These are %(total)s.") % {"total": total}])
        return {field: [text]}
    satisfaction, least = marks.get("satisfaction"), least_satisfaction(rules)
    if stage.kind == StageKind.FINAL and dimensions and satisfaction is not None:
        if satisfaction < least:
            text = _("A pass needs a satisfaction of at least %(least)s of 5.")
            return {"satisfaction": [text % {"least": f"{least:.2f}"}]}
    return {}


def _mark_errors(stage: Stage, marks: dict[str, Any]) -> Errors:
    """Scores beyond their weights, low ones without a comment, the adjustment."""
    errors: Errors = {}
    rules = rules_of(stage.case).evaluation
    for dimension in dimensions_of(stage):
        code, weight = dimension["code"], Decimal(str(dimension["weight"]))
        score = marks.get(f"score_{code}")
        if score is None:
            continue
        if not 0 <= score <= weight:
            text = _("Enter a score from 0 to %(weight)s.")
            errors[f"score_{code}"] = [text % {"weight": weight}]
        elif score < weight * rules.comment_below:
            if not (marks.get(f"comment_{code}") or "").strip():
                errors[f"comment_{code}"] = [_("Say why the score is so low.")]
    adjustment = marks.get("adjustment") or Decimal(0)
    if abs(adjustment) > rules.adjustment_max:
        text = _("At most %(most)s points may be added or taken away.")
        errors["adjustment"] = [text % {"most": rules.adjustment_max}]
    elif adjustment and not (marks.get("remarks") or "").strip():
        errors["remarks"] = [_("Say why.")]
    return errors


def total_score(stage: Stage, marks: dict[str, Any]) -> Decimal | None:
    """The stage's score: the plain one, or the sum; None while one is missing."""
    dimensions = dimensions_of(stage)
    if not dimensions:
        return marks.get("score")
    scores = [marks.get(f"score_{d['code']}") for d in dimensions]
    if None in scores:
        return None
    return total_of(scores, marks.get("adjustment"))


@gate("grade_stage")
def grade_stage(
    stage: Stage, *, by: User, outcome: str, remarks: str = "", **marks: Any
) -> Stage:
    """The evaluator's grade; a pass needs the pass mark (X10: 60 of 100).

    marks: score, or score_<dimension> (0 to its weight) and comment_<dimension>,
    with adjustment (bonus or penalty) and satisfaction (1 to 5). Rectification has
    its working days and holds the money meanwhile; a failed stage holds it too,
    until the bureau has decided (X21).
    """
    require(stage, StageStatus.GRADE)
    errors = sheet_errors(stage, {"outcome": outcome, "remarks": remarks, **marks})
    if errors:
        raise Invalid(errors)
    if outcome == GradeOutcome.PASS:
        end_stage(stage, StageStatus.PASSED)
    else:
        if not remarks.strip():
            raise Invalid({"remarks": [_("Say why.")]})
        hold_for_rectification(stage, remarks)
        if outcome == GradeOutcome.RECTIFY:
            days = rules_of(stage.case).rectify_working_days
            stage.status = StageStatus.RECTIFY
            stage.rectify_due = end_of_working_day(now(), days)
        else:
            stage.status = StageStatus.FAILED
    stage.score = total_score(stage, marks)
    stage.adjustment = marks.get("adjustment")
    stage.satisfaction = marks.get("satisfaction")
    stage.remarks = remarks
    stage.graded_by = by
    stage.save()
    keep_scores(stage, marks)
    return stage


def keep_scores(stage: Stage, marks: dict[str, Any]) -> None:
    for dimension in dimensions_of(stage):
        code = dimension["code"]
        StageScore.objects.update_or_create(
            stage=stage,
            dimension=code,
            defaults={
                "case": stage.case,
                "score": marks[f"score_{code}"],
                "comment": marks.get(f"comment_{code}") or "",
            },
        )
