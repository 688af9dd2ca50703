"""My account: who I am here, and which messages I get by mail."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from desk.kinds import KINDS, Kind
from desk.views.work import form_page
from desk.wording import role_label
from grants.errors import NotVisible
from grants.permissions import roles_of
from organisations.models import User
from organisations.selectors import memberships_of, tokens_of
from organisations.services import revoke_token
from outbox.mailing import choose_mail, mail_choices_of
from outbox.models import Mailing

#: The answer that leaves a kind to the programme.
LEFT = "programme"


def kinds_for(user: User) -> tuple[list[Kind], list[Kind]]:
    """Kinds that this person may choose about, and those they always get.

    Who works for a programme chooses about everything that the office gets;
    as a member one still gets the binding letters of one's organisation.
    """
    member, office = bool(memberships_of(user)), bool(roles_of(user))
    mine = [
        kind
        for kind in KINDS.values()
        if (kind.members and member) or (kind.office and office)
    ]
    always = [kind for kind in mine if kind.binding and member]
    free = [k for k in mine if k not in always or (k.office and office)]
    return free, always


class MailForm(forms.Form):
    """One question a kind; one of the answers leaves it to the programme."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = mail_choices_of(user)
        self.free, self.always = kinds_for(user)
        member = bool(memberships_of(user))
        for kind in self.free:
            helps = []
            if kind in self.always:
                helps.append(_("About your organisation it always comes at once."))
            elif kind.sometimes and member:
                helps.append(str(kind.sometimes))
            self.fields[kind.name] = forms.ChoiceField(
                label=kind.label,
                choices=[(LEFT, _("As the programme says")), *Mailing.choices],
                initial=chosen.get(kind.name, LEFT),
                help_text=" ".join(helps),
            )

    def chosen(self) -> dict[str, str]:
        """The answers, "" for what is left to the programme; valid forms only."""
        given = self.cleaned_data.items()
        return {kind: "" if mailing == LEFT else mailing for kind, mailing in given}


def account(request: HttpRequest) -> HttpResponse:
    """What is known of me, and the choice of mails."""
    user = request.user
    form = MailForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        choose_mail(user, form.chosen())
        messages.success(request, _("Your choice was saved."))
        return redirect("desk:account")
    return form_page(
        request,
        form,
        template="desk/account.html",
        heading=_("My account"),
        always=form.always,
        roles=sorted({role_label(role) for _programme, role in roles_of(user)}),
        memberships=memberships_of(user),
        tokens=tokens_of(user),
        hour=f"{settings.DIGEST_HOUR:02d}:00",
    )


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """One of my programs comes in no more."""
    token = request.user.tokens.filter(pk=pk).first()
    if token is None:
        raise NotVisible()
    revoke_token(token, by=request.user)
    messages.success(request, _("The access key is revoked."))
    return redirect("desk:account")
