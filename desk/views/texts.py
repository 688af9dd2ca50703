"""A programme's messages: their texts in both languages, and their mailing."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from desk.kinds import KINDS, PLACEHOLDERS
from desk.models import MessageText
from desk.texts import (
    BODY_MAX,
    SUBJECT_MAX,
    check,
    programme_mailings,
    reset_text,
    save_mailings,
    save_text,
)
from desk.views.answers import refusals
from desk.views.rules import programme_of
from desk.views.work import form_page
from desk.words import default_text, preview
from grants.errors import Invalid
from grants.models import Programme
from organisations.posted import posted
from outbox.models import Mailing

#: Language → its name in itself.
LANGUAGES = {"zh-hans": "中文", "en": "English"}


class MailingForm(forms.Form):
    """When each kind is mailed to people who have not chosen themselves."""

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, mailing in programme_mailings(programme).items():
            kind = KINDS[name]
            if kind.binding and not kind.office:
                continue  # nobody else gets it, so there is nothing to say
            helps = [binding_note(name), str(kind.sometimes)]
            self.fields[name] = forms.ChoiceField(
                label=kind.label,
                choices=Mailing.choices,
                initial=mailing,
                help_text=" ".join(text for text in helps if text),
            )


class TextForm(forms.Form):
    """Subject and body of one kind in one language."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=SUBJECT_MAX)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=BODY_MAX,
        widget=forms.Textarea,
        help_text=gettext_lazy(
            "Plain text. The link to the page follows in a mail by itself."
        ),
    )

    def __init__(self, *args: Any, kind: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.language = kind, language

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            try:
                check(self.kind, self.language, cleaned["subject"], cleaned["body"])
            except Invalid as error:
                for name, found in error.errors.items():
                    self.add_error(name, found)
        return cleaned


def binding_note(name: str) -> str:
    """What is said of a kind that members get whatever anybody chose."""
    if not KINDS[name].binding:
        return ""
    return _("Members of organisations always get it by mail at once.")


@refusals
def texts(request: HttpRequest, programme: str) -> HttpResponse:
    """The kinds with their texts, and when each is mailed."""
    owner = programme_of(request, programme, to="set_up_round")
    form = MailingForm(posted(request), programme=owner)
    if request.method == "POST" and form.is_valid():
        save_mailings(owner, form.cleaned_data, by=request.user)
        messages.success(request, _("The mailing was saved."))
        return redirect("desk:texts", programme=programme)
    own = set(owner.message_texts.values_list("kind", "language"))
    rows = [
        (
            kind,
            [
                (language, label, (kind.name, language) in own)
                for language, label in LANGUAGES.items()
            ],
        )
        for kind in KINDS.values()
    ]
    return form_page(
        request,
        form,
        template="desk/texts.html",
        programme=owner,
        rows=rows,
        back=reverse("desk:rules", args=[programme]),
    )


@refusals
def text_edit(
    request: HttpRequest, programme: str, kind: str, language: str
) -> HttpResponse:
    """Write the text of a kind in one language; look at it before saving."""
    owner = programme_of(request, programme, to="set_up_round")
    if kind not in KINDS or language not in dict(settings.LANGUAGES):
        raise Http404
    kept = MessageText.objects.filter(programme=owner, kind=kind, language=language)
    own = kept.select_related("changed_by").first()
    default = default_text(kind, language)
    subject, body = (own.subject, own.body) if own else default
    form = TextForm(
        posted(request),
        kind=kind,
        language=language,
        initial={"subject": subject, "body": body},
    )
    if request.method == "POST" and form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
        if "preview" not in request.POST:
            save_text(
                owner, kind, language, subject=subject, body=body, by=request.user
            )
            messages.success(request, _("The text was saved. It is used from now on."))
            return redirect("desk:texts", programme=programme)
    shown = preview(kind, language, subject, body) if not form.errors else None
    return form_page(
        request,
        form,
        template="desk/text_edit.html",
        heading=KINDS[kind].label,
        language=language,
        language_name=LANGUAGES[language],
        programme=owner,
        kind=kind,
        own=own,
        default=default,
        shown=shown,
        placeholders=[
            (f"{{{name}}}", PLACEHOLDERS[name]) for name in KINDS[kind].placeholders
        ],
        back=reverse("desk:texts", args=[programme]),
    )


@require_POST
@refusals
def text_reset(
    request: HttpRequest, programme: str, kind: str, language: str
) -> HttpResponse:
    """Back to the default text."""
    owner = programme_of(request, programme, to="set_up_round")
    if reset_text(owner, kind, language, by=request.user):
        messages.success(request, _("The default text is used again."))
    return redirect("desk:texts", programme=programme)
