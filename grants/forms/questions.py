"""The questions of a round as fields of the application form."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attachments.models import Document
from grants.calendar import today
from grants.forms.base import ActionForm, example_file
from grants.forms.fields import ChosenDocumentField, RowsField
from grants.models import QuestionKind
from grants.services.questions import (
    TEXT_MAX,
    Question,
    is_asked,
    label_of,
    name_of,
)


def add_questions(form: ActionForm) -> None:
    """A topic with the questions of the round, before the commitment."""
    questions = form.target.round.questions
    if not questions:
        return
    for question in questions:
        form.fields[name_of(question)] = field_of(question, questions, form.target)
    names = [name_of(question) for question in questions]
    topic = (_("Questions of this round"), names)
    form.topics = [*form.topics[:-1], topic, form.topics[-1]]


def field_of(question: Question, questions: list[Question], case: Any) -> forms.Field:
    """The field of one question."""
    common = {
        "label": label_of(question),
        "required": question["required"] and not question.get("only_if"),
        "help_text": condition_of(question, questions),
    }
    kind = question["kind"]
    if kind == QuestionKind.NUMBER:
        return forms.DecimalField(max_digits=16, decimal_places=4, **common)
    if kind == QuestionKind.DATE:
        return forms.DateField(**common)
    if kind == QuestionKind.CHOICE:
        blank = [] if common["required"] else [("", _("No answer"))]
        choices = [*blank, *((c, c) for c in question["choices"])]
        return forms.ChoiceField(choices=choices, **common)
    if kind == QuestionKind.FILE:
        return file_field(case, common)
    if kind == QuestionKind.TABLE:
        return RowsField(
            row_form(tuple(question["choices"])),
            min_rows=int(common.pop("required")),
            **common,
        )
    return forms.CharField(max_length=TEXT_MAX, widget=forms.Textarea, **common)


def file_field(case: Any, common: dict[str, Any]) -> ChosenDocumentField:
    """One of the papers of the case; a body may bring the file itself."""
    papers = (
        Document.objects.filter(folder_id=case.folder_id).order_by("pk")
        if case.folder_id
        else []
    )
    hint = _("Add the file under Documents of the case, then choose it here.")
    common["help_text"] = f"{common['help_text']} {hint}".strip()
    return ChosenDocumentField(
        "answer", choices=[(str(p.pk), p.title) for p in papers], **common
    )


def row_form(columns: tuple[str, ...]) -> type[forms.Form]:
    """Rows of a table question: a text for each column, the first one needed."""
    fields = {
        f"c{number}": forms.CharField(label=label, max_length=500, required=number == 1)
        for number, label in enumerate(columns, start=1)
    }
    return type("AnswerRow", (forms.Form,), fields)


def condition_of(question: Question, questions: list[Question]) -> str:
    """When a question is to be answered, in words."""
    code = question.get("only_if")
    other = next((q for q in questions if q["code"] == code), None)
    if other is None:
        return ""
    text = (
        _("Needed if the answer to “%(question)s” is “%(answer)s”.")
        if question["required"]
        else _("Only if the answer to “%(question)s” is “%(answer)s”.")
    )
    return text % {"question": label_of(other), "answer": question["equals"]}


def example_answers(form: ActionForm) -> dict[str, Any]:
    """An answer to each question that is asked then."""
    out: dict[str, Any] = {}
    for question in form.target.round.questions:
        if is_asked(question, out):
            out[name_of(question)] = example_answer(form, question)
    return out


def example_answer(form: ActionForm, question: Question) -> Any:
    kind = question["kind"]
    if kind == QuestionKind.NUMBER:
        return "12"
    if kind == QuestionKind.DATE:
        return today(form.target.round.opens_at).isoformat()
    if kind == QuestionKind.CHOICE:
        return question["choices"][0]
    if kind == QuestionKind.FILE:
        return example_file()
    if kind == QuestionKind.TABLE:
        return [{f"c{n}": c for n, c in enumerate(question["choices"], start=1)}]
    return "按本届要求说明。"


# -- the set-up ------------------------------------------------------------------

SEPARATORS = re.compile(r"[;；\n]+")


class QuestionRow(forms.Form):
    """One question of a round; the rows are numbered from 1."""

    zh = forms.CharField(label=gettext_lazy("Question in Chinese"), max_length=120)
    en = forms.CharField(label=gettext_lazy("Question in English"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Answer"), choices=QuestionKind.choices)
    need = forms.ChoiceField(
        label=gettext_lazy("Required"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
    )
    choices = forms.CharField(
        label=gettext_lazy("Answers or columns"), max_length=500, required=False
    )
    only_if = forms.IntegerField(
        label=gettext_lazy("Only if question no."),
        min_value=1,
        max_value=99,
        required=False,
    )
    equals = forms.CharField(
        label=gettext_lazy("is answered"), max_length=100, required=False
    )


def questions_from(rows: list[dict[str, Any]]) -> list[Question]:
    """Rows of the set-up as a round keeps them; codes count from q1."""
    return [
        {
            "code": f"q{number}",
            "zh": row["zh"],
            "en": row["en"],
            "kind": row["kind"],
            "required": row["need"] == "yes",
            "choices": parts_of(row["choices"]),
            "only_if": f"q{row['only_if']}" if row["only_if"] else "",
            "equals": row["equals"],
        }
        for number, row in enumerate(rows, start=1)
    ]


def parts_of(text: str) -> list[str]:
    return [part.strip() for part in SEPARATORS.split(text) if part.strip()]


def rows_from(questions: list[Question]) -> list[dict[str, Any]]:
    """The questions of a round as rows of the set-up."""
    return [
        {
            "zh": q["zh"],
            "en": q["en"],
            "kind": q["kind"],
            "need": "yes" if q["required"] else "no",
            "choices": "; ".join(q["choices"]),
            "only_if": q["only_if"].removeprefix("q"),
            "equals": q["equals"],
        }
        for q in questions
    ]
