"""Questions that one round asks besides the form: set up, asked, answered.

A question is JSON in `Round.questions`; its answer stands in the application's
`answers` under the question's code. In values of a form, and in what a
correction names, it is called `extra_<code>`.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from attachments.models import Document
from grants.models import Application, Case, QuestionKind, Round
from grants.rules import in_language

Question = dict[str, Any]
PREFIX = "extra_"
TEXT_MAX = 2000
MOST = 40


def name_of(question: Question) -> str:
    """The name of a question's field."""
    return f"{PREFIX}{question['code']}"


def extra_names(round_: Round) -> list[str]:
    """The fields that a round adds to the form, in their order."""
    return [name_of(question) for question in round_.questions]


def label_of(question: Question) -> str:
    """A question in the reader's language."""
    return in_language(question)


def is_asked(question: Question, values: dict[str, Any]) -> bool:
    """Whether the condition holds under which the question is asked."""
    code = question.get("only_if")
    return not code or str(values.get(f"{PREFIX}{code}") or "") == question["equals"]


def is_blank(value: Any) -> bool:
    return value is None or value == "" or value == []


# -- answers -------------------------------------------------------------------------


def answer_errors(case: Case, values: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with the answers, by path; what `values` lacks is left out."""
    errors: dict[str, list[str]] = {}
    for question in case.round.questions:
        name = name_of(question)
        if name not in values or not is_asked(question, values):
            continue
        value = values[name]
        if is_blank(value):
            if question["required"]:
                errors[name] = [_("This field is required.")]
        elif message := _kind_error(case, question, value):
            errors[name] = [message]
    return errors


def _kind_error(case: Case, question: Question, value: Any) -> str | None:
    kind = question["kind"]
    if kind == QuestionKind.TEXT and len(str(value)) > TEXT_MAX:
        return _("At most %(max)s characters; this text has %(count)s.") % {
            "max": TEXT_MAX,
            "count": len(str(value)),
        }
    if kind == QuestionKind.CHOICE and value not in question["choices"]:
        return _("Choose one of the answers.")
    if kind == QuestionKind.FILE and isinstance(value, Document):
        if value.folder_id != case.folder_id:
            return _("There is no such document in this case.")
    return None


def keep_answers(
    application: Application, round_: Round, values: dict[str, Any]
) -> None:
    """Store the answers that are given; one that is not asked is dropped."""
    known = stored_answers(application, round_) | values
    for question in round_.questions:
        name = name_of(question)
        asked = is_asked(question, known)
        if name in values or not asked:
            answer = plain_answer(known[name]) if asked else None
            application.answers = application.answers | {question["code"]: answer}


def plain_answer(value: Any) -> Any:
    """An answer as JSON."""
    if isinstance(value, Document):
        return value.pk
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def stored_answers(application: Application, round_: Round) -> dict[str, Any]:
    """The answers by name of the field, as a form would have cleaned them."""
    out = {}
    for question in round_.questions:
        value = application.answers.get(question["code"])
        if not is_blank(value) and question["kind"] == QuestionKind.DATE:
            value = date.fromisoformat(value)
        elif not is_blank(value) and question["kind"] == QuestionKind.NUMBER:
            value = Decimal(value)
        out[name_of(question)] = value
    return out


# -- setting up ------------------------------------------------------------------------


def question_errors(questions: list[Question]) -> dict[str, list[str]]:
    """What is wrong with the questions of a round, by path ("questions.0.zh")."""
    errors: dict[str, list[str]] = {}
    if len(questions) > MOST:
        errors["questions"] = [_("These are too many questions.")]
    before: dict[str, Question] = {}
    for index, question in enumerate(questions):
        for column, message in _question_faults(question, before):
            errors.setdefault(f"questions.{index}.{column}", []).append(message)
        before[question.get("code", "")] = question
    return errors


def _question_faults(
    question: Question, before: dict[str, Question]
) -> list[tuple[str, str]]:
    found = []
    for column in ("zh", "en"):
        if not str(question.get(column) or "").strip():
            found.append((column, _("This field is required.")))
    kind, choices = question.get("kind"), question.get("choices") or []
    if kind not in QuestionKind.values:
        found.append(("kind", _("Choose what is answered.")))
    if kind == QuestionKind.CHOICE and len(set(choices)) < 2:
        found.append(("choices", _("Enter two answers or more.")))
    if kind == QuestionKind.TABLE and not choices:
        found.append(("choices", _("Name the columns.")))
    if len(set(choices)) < len(choices):
        found.append(("choices", _("One of these stands twice.")))
    return found + _condition_faults(question, before)


def _condition_faults(
    question: Question, before: dict[str, Question]
) -> list[tuple[str, str]]:
    other = question.get("only_if")
    if not other:
        return []
    if other not in before:
        return [("only_if", _("Name an earlier question by its number."))]
    owner, equals = before[other], question.get("equals")
    if owner.get("kind") not in (QuestionKind.CHOICE, QuestionKind.TEXT):
        return [("only_if", _("Only a text or a choice can be a condition."))]
    if not equals:
        return [("equals", _("Enter the answer that makes it asked."))]
    choices = owner.get("choices") or []
    if owner["kind"] == QuestionKind.CHOICE and equals not in choices:
        return [("equals", _("The earlier question has no such answer."))]
    return []
