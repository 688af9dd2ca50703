"""Papers of a case: add, new version, open."""

import logging
from typing import IO, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.forms import Form, model_to_dict
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from attachments.filetypes import JPEG, PICTURES
from attachments.links import link
from attachments.models import Document, Version
from attachments.opening import require_open
from attachments.pages import is_paged
from attachments.renditions import open_thumbnail
from attachments.selectors import version_for
from attachments.services import DOWNLOAD, PREVIEW, add_version, open_version
from attachments.storage import StorageUnavailable
from desk.documents import MOST_TEXT, TEXTS
from desk.forms import DocumentForm, PaperDatesForm, VersionForm
from desk.links import version_of_link
from desk.pages import pages_context
from desk.requirements import kinds_to_add, runs_out
from desk.uploading import given_files, offer_uploads, paper_ends
from desk.views.answers import refusals
from desk.views.work import form_page, visible_case
from grants.errors import Missing, NotStored, NotVisible
from grants.models import Case, PaperDates
from grants.services.filing import Filing, file_paper
from grants.services.paper_dates import keep_dates
from organisations.posted import posted

logger = logging.getLogger(__name__)


@refusals
def document_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a paper to the case's folder."""
    case = visible_case(request, code)
    require(Filing(request.user, case).may_write)
    form = DocumentForm(
        posted(request),
        sent_files(request),
        kinds=kinds_to_add(request.user, case),
        initial={"kind": request.GET.get("paper", "other")},
    )
    offer_uploads(form, folder=case.folder_id, by=request.user, ends=paper_ends(case))
    status = None
    if request.method == "POST" and form.is_valid():
        try:
            document = file_paper(
                case,
                kind=form.cleaned_data["kind"] or "other",
                upload=form.cleaned_data["upload"],
                by=request.user,
                title=form.cleaned_data["title"],
            )
            keep_dates(case, document, by=request.user, **form.days)
        except ValidationError as error:
            form.add_error("upload", error)
        except StorageUnavailable as error:
            status = note_unavailable(form, error)
        else:
            messages.success(request, _("The document was added."))
            return redirect("desk:case-tab", code=code, tab="documents")
    back = reverse("desk:case-tab", args=[code, "documents"])
    return form_page(
        request,
        form,
        status=status,
        heading=_("Add a document"),
        submit=_("Add"),
        back=back,
    )


@refusals
def version_add(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Add a newer file of a paper; the earlier ones stay readable."""
    case = visible_case(request, code)
    document = paper_of(case, pk)
    require(Filing(request.user, case).may_replace(pk))
    form = VersionForm(posted(request), sent_files(request))
    offer_uploads(form, folder=case.folder_id, by=request.user, ends=paper_ends(case))
    if not runs_out(document.kind, case):
        del form.fields["issued_on"], form.fields["valid_until"]
    status = None
    if request.method == "POST" and form.is_valid():
        try:
            add_version(document, upload=form.cleaned_data["upload"], by=request.user)
            if "issued_on" in form.fields:
                keep_dates(case, document, by=request.user, **form.days)
        except ValidationError as error:
            form.add_error("upload", error)
        except StorageUnavailable as error:
            status = note_unavailable(form, error)
        else:
            messages.success(request, _("The new version was added."))
            return redirect("desk:case-tab", code=code, tab="documents")
    back = reverse("desk:case-tab", args=[code, "documents"])
    heading = _("New version: %s") % document.title
    return form_page(
        request, form, status=status, heading=heading, submit=_("Add"), back=back
    )


@refusals
def paper_dates(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The days that stand on a paper, to be entered or mended."""
    case = visible_case(request, code)
    document = paper_of(case, pk)
    require(Filing(request.user, case).may_date(pk))
    known = PaperDates.objects.filter(document=document).first()
    form = PaperDatesForm(
        posted(request), initial=model_to_dict(known) if known else None
    )
    if request.method == "POST" and form.is_valid():
        keep_dates(case, document, by=request.user, **form.days)
        messages.success(request, _("The dates were noted."))
        return redirect("desk:case-tab", code=code, tab="documents")
    return form_page(
        request,
        form,
        heading=_("Dates of the paper: %s") % document.title,
        submit=_("Save"),
        back=reverse("desk:case-tab", args=[code, "documents"]),
    )


def sent_files(request: HttpRequest) -> Any:
    """The files that were sent, or ahead of the form; None when it is only opened."""
    return given_files(request) if request.method == "POST" else None


def note_unavailable(form: Form, error: StorageUnavailable) -> int:
    """The storage does not answer: say so beside the file; the status, 503."""
    logger.error("the storage does not answer: %s", error)
    form.add_error("upload", str(NotStored.default_message))
    return NotStored.http_status


def require(may: bool) -> None:
    """403 for who may read the case but not do this to its papers."""
    if not may:
        raise PermissionDenied


def paper_of(case: Case, pk: int) -> Document:
    """A paper in the case's folder; Missing otherwise."""
    document = Document.objects.filter(pk=pk, folder_id=case.folder_id).first()
    if case.folder_id is None or document is None:
        raise Missing()
    return document


@require_safe
def document_open(request: HttpRequest, pk: int) -> HttpResponse:
    """To a download of one version: an address of some minutes, for this person."""
    return to_file(request, seen_version(request, pk), DOWNLOAD)


@require_safe
def document_inline(request: HttpRequest, pk: int) -> HttpResponse:
    """To one picture for its preview, in the same way."""
    version = seen_version(request, pk)
    if version.content_type not in PICTURES:
        raise Http404
    return to_file(request, version, PREVIEW)


@require_safe
def document_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A page with the file in it: a picture, the beginning of a text, or the pages of
    a PDF or an office file as pictures."""
    version = seen_version(request, pk)
    context: dict[str, Any] = {"version": version, "case": case_of(version)}
    if version.content_type in TEXTS:
        with open_version(version, request.user, how=PREVIEW) as content:
            beginning = content.read(MOST_TEXT)
        context["text"] = beginning.decode("utf-8-sig", errors="ignore")
        context["cut"] = version.size > MOST_TEXT
    elif is_paged(version.content_type):
        context |= pages_context(request, version)
    elif version.content_type not in PICTURES:
        raise Http404
    else:
        require_open(version, request.user)
    return render(request, "desk/preview.html", context)


@require_safe
def document_thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    """The small picture of a version; part of the list around it, so no event."""
    version = seen_version(request, pk)
    try:
        content = open_thumbnail(version, request.user)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type=JPEG)
    return guarded(response)


@require_safe
def file_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes at an address of some minutes: an event, each time."""
    version, how = version_of_link(token, request.user)
    content = open_version(version, request.user, how=how)
    return sent(version, content, as_attachment=how == DOWNLOAD)


def to_file(request: HttpRequest, version: Version, how: str) -> HttpResponse:
    """To the address of a version, made now for this person."""
    answer = redirect("desk:file", token=link(version, request.user, how=how))
    answer["Cache-Control"] = "private, no-store"
    return answer


def seen_version(request: HttpRequest, pk: int) -> Version:
    """A version that the person may know of; 404 otherwise."""
    try:
        return version_for(request.user, pk)
    except Version.DoesNotExist:
        raise NotVisible() from None


def case_of(version: Version) -> Case | None:
    """The case that a paper belongs to: itself, by an objection or by a finding."""
    folder = version.document.folder_id
    by_another = Q(objections__folder=folder) | Q(findings__folder=folder)
    return Case.objects.filter(Q(folder=folder) | by_another).first()


def sent(version: Version, content: IO[bytes], *, as_attachment: bool) -> FileResponse:
    """The bytes of a version."""
    response = FileResponse(content, as_attachment=as_attachment, filename=version.name)
    response["Content-Type"] = version.content_type
    response["Content-Length"] = version.size
    return guarded(response)


def guarded(response: FileResponse) -> FileResponse:
    """Under a policy that lets nothing in the bytes run, and kept nowhere."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
