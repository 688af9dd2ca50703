"""What a page's script calls to send a file ahead of its form; every answer is JSON.

``attachments.uploads`` does the work. A refusal has a sentence for the person in
``message``; 409 means "ask how much is there, and go on from that".
"""

import functools
import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from attachments import uploads
from attachments.models import Upload, UploadState
from attachments.storage import StorageUnavailable, is_full
from attachments.storage.arriving import Incomplete, WrongOffset
from desk.api.body import is_storable
from desk.refused import note
from grants.errors import NotStored

logger = logging.getLogger(__name__)

LONGEST_NAME = 1000  # characters that are looked at; the limit of names is lower


def answers(view: Callable[..., JsonResponse]) -> Callable[..., JsonResponse]:
    """Answer what goes wrong with its status and a sentence."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        try:
            return view(request, *args, **kwargs)
        except (Upload.DoesNotExist, FileNotFoundError):
            return refused(404, _("This upload is over, or it is not yours."))
        except PermissionDenied as error:
            note(request, error)
            return refused(403, _("You cannot add a file here."))
        except ValidationError as error:
            return refused(422, " ".join(error.messages))
        except (WrongOffset, Incomplete) as gap:
            text = _("A part of the file is missing.")
            return refused(409, text, received=gap.received)
        except StorageUnavailable:
            return refused(503, str(NotStored.default_message))
        except OSError as error:
            if not is_full(error):
                raise
            logger.error("an upload found the disk full: %s", error)
            return refused(503, str(NotStored.default_message))

    return guarded


def refused(status: int, message: str, **more: Any) -> JsonResponse:
    return JsonResponse({"message": message} | more, status=status)


@require_POST
@answers
def upload_begin(request: HttpRequest) -> JsonResponse:
    """Begin a file: its name, its size in bytes, and what the page signed."""
    try:
        body = json.loads(request.body)
        purpose, name, size = body["purpose"], body["name"], body["size"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return refused(400, _("This request cannot be read."))
    texts = isinstance(purpose, str) and isinstance(name, str)
    if not texts or type(size) is not int or not 0 <= size < 2**63:
        return refused(400, _("This request cannot be read."))
    if not is_storable(name):
        return refused(422, _("The name of the file holds invisible characters."))
    upload = uploads.begin(
        request.user,
        uploads.purpose_in(purpose, request.user),
        name=name[:LONGEST_NAME],
        size=size,
    )
    return JsonResponse(facts(upload), status=201)


@require_http_methods(["GET", "HEAD", "PUT", "DELETE"])
@answers
def upload(request: HttpRequest, token: uuid.UUID) -> JsonResponse:
    """How far it is, the next piece (PUT, Upload-Offset), or give it up."""
    found = uploads.upload_of(request.user, token)
    if request.method == "DELETE":
        uploads.cancel(found)
        return JsonResponse({})
    if request.method != "PUT":
        return JsonResponse(facts(found))
    offset = request.headers.get("Upload-Offset", "")
    length = request.META.get("CONTENT_LENGTH") or ""
    if not (offset.isdecimal() and length.isdecimal()) or len(offset + length) > 30:
        return refused(400, _("This request cannot be read."))
    there = uploads.receive(found, int(offset), request, int(length))
    return JsonResponse({"received": there})


@require_POST
@answers
def upload_complete(request: HttpRequest, token: uuid.UUID) -> JsonResponse:
    """Everything was sent: have it checked. 202 while another request does so."""
    found = uploads.complete(uploads.upload_of(request.user, token))
    if found.state == UploadState.REFUSED:
        return refused(422, _("This file was refused."))
    if found.state == UploadState.ABANDONED:
        raise Upload.DoesNotExist
    busy = found.state == UploadState.CHECKING
    return JsonResponse(facts(found), status=202 if busy else 200)


@require_safe
@answers
def upload_part(request: HttpRequest, token: uuid.UUID, number: int) -> JsonResponse:
    """Where the store takes one part of it, for some minutes."""
    found = uploads.upload_of(request.user, token)
    return JsonResponse({"url": uploads.part_address(found, number)})


def facts(upload: Upload) -> dict[str, Any]:
    """What the script needs to know to go on."""
    return {
        "token": str(upload.token),
        "url": reverse("desk:upload", args=[upload.token]),
        "state": upload.state,
        "name": upload.name,
        "size": upload.size,
    } | uploads.way(upload)
