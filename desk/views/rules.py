"""The rules of a programme: subjects, versions, and which one a round takes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk.forms import UseRulesForm
from desk.views.answers import refusals
from desk.views.rounds import visible_round
from desk.views.work import form_page
from grants.errors import Invalid, NotVisible, NotYours, Stale
from grants.forms.ruling import SUBJECTS
from grants.models import Programme, ProgrammeRules, Role, Round
from grants.permissions import programmes_with, roles_of
from grants.rules_diff import differences
from grants.services.programmes import latest_rules
from grants.services.ruling import change_rules, use_rules
from organisations.paging import number_in
from organisations.posted import posted

#: Versions that one page shows.
PAGE = 50


def programme_of(request: HttpRequest, code: str, *, to: str) -> Programme:
    """The programme, or NotVisible for who has no such right in it."""
    rows = Programme.objects.filter(code=code, pk__in=programmes_with(request.user, to))
    found = rows.select_related("authority").first()
    if found is None:
        raise NotVisible(_("There is no such programme."))
    return found


@require_safe
@refusals
def rules_index(request: HttpRequest, programme: str) -> HttpResponse:
    """The subjects, and every version with its author, reason and rounds."""
    owner = programme_of(request, programme, to="view_cases")
    versions = list(
        owner.rules.select_related("created_by").order_by("-version")[:PAGE]
    )
    rounds: dict[int, list[Round]] = {}
    for round_ in owner.rounds.order_by("pk"):
        rounds.setdefault(round_.rules_id, []).append(round_)
    return render(
        request,
        "desk/rules_index.html",
        {
            "programme": owner,
            "may_change": owner.pk in programmes_with(request.user, "set_up_round"),
            "subjects": [(name, form.subject) for name, form in subjects_of(versions)],
            "versions": [(v, rounds.get(v.pk, [])) for v in versions],
        },
    )


def subjects_of(versions: list[ProgrammeRules]) -> list[tuple[str, Any]]:
    """The subjects of which the newest version has something to show."""
    target = versions[0]
    return [
        (name, form)
        for name, form in SUBJECTS.items()
        if set(form(target=target, by=None).fields) - {"reason", "base"}
    ]


@refusals
def rules_subject(request: HttpRequest, programme: str, subject: str) -> HttpResponse:
    """The form of one subject; saving makes a version."""
    owner = programme_of(request, programme, to="set_up_round")
    if subject not in SUBJECTS:
        raise Http404
    newest = latest_rules(owner)
    form = SUBJECTS[subject](
        request.POST.dict() if request.method == "POST" else None,
        target=newest,
        by=request.user,
    )
    back = reverse("desk:rules", args=[programme])
    if request.method == "POST" and form.is_valid():
        try:
            made = change_rules(
                owner,
                form.data_after(),
                base=form.cleaned_data["base"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except Invalid as error:
            form.add_paths(error.errors)
        except Stale as error:  # what was typed stays; pressing again is a choice
            form.data = form.data | {"base": str(newest.version)}
            form.add_error(None, str(error.message))
        else:
            messages.success(
                request,
                _("Version %(version)s is made. Drafts of rounds take it at once.")
                % {"version": made.version},
            )
            return redirect(
                "desk:rules-version", programme=programme, version=made.version
            )
    return form_page(
        request,
        form,
        template="desk/rules_subject.html",
        heading=form.subject,
        programme=owner,
        intro=form.intro,
        version=newest.version,
        subjects=[(n, f.subject) for n, f in subjects_of([newest])],
        subject=subject,
        back=back,
    )


@require_safe
@refusals
def rules_version(request: HttpRequest, programme: str, version: int) -> HttpResponse:
    """What a version changed: rule, before, after; against any other version."""
    owner = programme_of(request, programme, to="view_cases")
    found = {v.version: v for v in owner.rules.select_related("created_by")}
    if version not in found:
        raise Http404
    against = number_in(request.GET.get("against", ""))
    before = found.get(version - 1 if against is None else against)
    rows = differences(before.data, found[version].data) if before else []
    return render(
        request,
        "desk/rules_version.html",
        {
            "programme": owner,
            "version": found[version],
            "before": before,
            "rows": rows,
            "others": [number for number in sorted(found) if number != version],
        },
    )


@refusals
def round_rules(request: HttpRequest, code: str) -> HttpResponse:
    """New cases of a published round take another version, with the reason."""
    round_ = visible_round(request, code)
    if (round_.programme_id, Role.FUNDER) not in roles_of(request.user):
        raise NotYours(_("The bureau changes the rules of a round, not its operator."))
    versions = list(round_.programme.rules.order_by("-version"))
    others = [v for v in versions if v.pk != round_.rules_id]
    form = UseRulesForm(posted(request), versions=others)
    back = reverse("desk:round-detail", args=[code])
    if request.method == "POST" and form.is_valid():
        version = int(form.cleaned_data["version"])
        try:
            use_rules(
                round_, version, reason=form.cleaned_data["reason"], by=request.user
            )
        except Invalid as error:
            for name, found in error.errors.items():
                form.add_error(name if name in form.fields else None, found)
        else:
            messages.success(
                request,
                _("New cases take version %(version)s; existing ones keep theirs.")
                % {"version": version},
            )
            return redirect(back)
    newest = versions[0]
    return form_page(
        request,
        form,
        template="desk/round_rules.html",
        heading=_("Rules of the round"),
        round=round_,
        newest=newest,
        others=others,
        rows=differences(round_.rules.data, newest.data),
        submit=_("Use this version"),
        back=back,
    )
