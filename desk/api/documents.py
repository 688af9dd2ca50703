"""Documents of a case: adding one, and its content."""

import base64
import binascii
import re
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.utils.translation import gettext as _
from ninja import Router

from attachments.links import link
from attachments.models import Document
from attachments.selectors import document_for
from attachments.services import DOWNLOAD, open_version, store_upload
from desk.api.body import is_storable, json_body
from desk.api.errors import TooLarge
from desk.api.http import address, case_of, person, reply
from desk.api.idempotency import once
from desk.api.schemas import ERRORS, DocumentOut
from desk.links import version_of_link
from grants.errors import Invalid, Missing, NotVisible, NotYours
from grants.services.filing import Filing, file_paper, not_now

router = Router(tags=["documents"])

KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
ENVELOPE = 1024 * 1024  # bytes of a multipart body besides the file

UPLOAD = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "content_base64": {"type": "string"},
        "kind": {"type": "string", "pattern": f"^{KIND.pattern}$", "default": "other"},
        "title": {"type": "string", "maxLength": 200},
    },
    "required": ["name", "content_base64"],
}
PARTS = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "kind": UPLOAD["properties"]["kind"],
        "title": UPLOAD["properties"]["title"],
    },
    "required": ["file"],
}


@router.post(
    "cases/{code}/documents",
    response={201: DocumentOut, **ERRORS},
    url_name="add_document",
    operation_id="add_document",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": PARTS},
                "application/json": {"schema": UPLOAD},
            },
        }
    },
)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a document to a case: multipart, or inline base64 in JSON."""
    case = case_of(person(request), code)
    filing = Filing(person(request), case)
    if not filing.may_write:
        raise NotYours()
    upload, kind, title = (
        _from_parts(request)
        if request.content_type == "multipart/form-data"
        else _from_json(request)
    )

    def work() -> tuple[int, dict[str, Any]]:
        document = file_paper(
            case, kind=kind, upload=stored, by=person(request), title=title
        )
        return 201, document_out(document)

    if not filing.may_add(kind):
        raise not_now()
    # The bytes are stored before any transaction; the rows and the reply share one.
    stored = store_upload(case.folder, upload)
    status, body, _replayed = once(request, work, atomic=True)
    return reply(status, body)


@router.get(
    "documents/{int:id}/content",
    response={302: None, **ERRORS},
    url_name="document_content",
    operation_id="document_content",
)
def content(
    request: HttpRequest,
    id: int,
    version: int | None = None,
) -> HttpResponse:
    """To the bytes of a document, its newest version or the one named: an address
    that is good for some minutes and for the caller alone. Follow it with the same
    token."""
    try:
        document = document_for(person(request), id)
    except Document.DoesNotExist:
        raise NotVisible()
    versions = document.versions.order_by("-number")
    if version is not None:
        versions = versions.filter(number=version)
    found = versions.first()
    if found is None:
        raise Missing()
    signed = link(found, person(request), how=DOWNLOAD)
    answer = HttpResponseRedirect(address("files", signed))
    answer["Cache-Control"] = "private, no-store"
    return answer


@router.get(
    "files/{token}",
    response={200: None, **ERRORS},
    url_name="file",
    operation_id="file",
)
def file(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes at such an address; 403 when it is over, changed or another's."""
    found, how = version_of_link(token, person(request))
    return FileResponse(
        open_version(found, person(request), how=how),
        as_attachment=True,
        filename=found.name,
        content_type=found.content_type,
        headers={"Content-Length": str(found.size)},
    )


def document_out(document: Document) -> dict[str, Any]:
    """A document with its versions, newest first."""
    return {
        "id": document.pk,
        "kind": document.kind,
        "title": document.title,
        "created_at": document.created_at,
        "url": address("documents", document.pk, "content"),
        "versions": [
            {
                "number": version.number,
                "name": version.name,
                "size": version.size,
                "sha256": version.sha256,
                "content_type": version.content_type,
                "scan_state": version.scan_state,
                "uploaded_at": version.uploaded_at,
            }
            for version in document.versions.all()
        ],
    }


def _from_parts(request: HttpRequest) -> tuple[Any, str, str]:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.UPLOAD_MAX_BYTES + ENVELOPE:
        raise TooLarge()
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid({"file": [_("Choose a file.")]})
    return upload, *_named(request.POST.get("kind"), request.POST.get("title"))


def _from_json(request: HttpRequest) -> tuple[Any, str, str]:
    body = json_body(request)
    errors = {
        name: [_("There is no such field.")]
        for name in body
        if name not in UPLOAD["properties"]
    }
    for name in UPLOAD["properties"]:
        required = name in UPLOAD["required"]
        if not isinstance(body.get(name, None if required else ""), str):
            errors[name] = [_("This must be a text.")]
    if errors:
        raise Invalid(errors)
    try:
        raw = base64.b64decode(body["content_base64"], validate=True)
    except (binascii.Error, ValueError):
        raise Invalid({"content_base64": [_("The file is not valid base64.")]})
    upload = ContentFile(raw, name=body["name"])
    return upload, *_named(body.get("kind"), body.get("title"))


def _named(kind: str | None, title: str | None) -> tuple[str, str]:
    kind, title = kind or "other", (title or "").strip()
    if not KIND.fullmatch(kind):
        raise Invalid({"kind": [_("Not valid.")]})
    if len(title) > 200 or not is_storable(title):
        raise Invalid({"title": [_("Not valid.")]})
    return kind, title
