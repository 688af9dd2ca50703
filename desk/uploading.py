"""Files that a page sends ahead of its form: the drop zone, and what then arrives.

A field for files gets a `Zone` where the person may send into the folder of what the
form is about. The zone is an addition: without a script the field is a plain one, and
the file comes with the form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files import File
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict

from attachments import scanner
from attachments.uploads import Arrived, Purpose, arrived
from grants.forms.fields import FilesField
from grants.models import Case, Status
from grants.services.applying import draft_ends

#: After the name of a field: the tokens of files that came ahead.
SUFFIX = "-upload"


@dataclass
class Zone:
    """What templates/components/_upload.html draws around a field for files."""

    purpose: str
    most: int
    limit: str
    #: The limit of a file that comes with the form.
    plain: str
    #: When the form must be sent, where it must; and the minutes of grace.
    ends: datetime | None = None
    grace: int = 0
    #: What has arrived before, when the form is shown again.
    kept: Sequence[Arrived] = field(default_factory=list)


def given_files(request: HttpRequest) -> MultiValueDict[str, File]:
    """The files of a POST: those in it, and those it names by their tokens."""
    files: MultiValueDict[str, Any] = MultiValueDict()
    for name, tokens in request.POST.lists():
        if name.endswith(SUFFIX) and request.user.is_authenticated:
            wanted = name.removesuffix(SUFFIX)
            for token in filter(None, dict.fromkeys(tokens)):
                files.appendlist(wanted, arrived(request.user, wanted, token))
    for name, sent in request.FILES.lists():  # of two for one place this one counts
        for file in sent:
            files.appendlist(name, file)
    return files


def paper_ends(case: Case) -> datetime | None:
    """When the form must be sent that the case's papers go with, where it must."""
    if case.status == Status.DRAFT:
        return draft_ends(case)
    if case.status == Status.CORRECTION:
        return case.application.correction_due
    return None


def offer_uploads(
    form: Any, *, folder: int | None, by: Any, ends: datetime | None = None
) -> None:
    """Let a form that is about something with a folder have drop zones."""
    form.upload_to, form.upload_by, form.upload_ends = folder, by, ends


def zone_of(form: Any, name: str, made: Any) -> Zone | None:
    """The zone of one field for files; None where there can be none."""
    folder, by = getattr(form, "upload_to", None), getattr(form, "upload_by", None)
    if folder is None or by is None:
        return None
    several = isinstance(made, FilesField)
    if several and made.folder != "case":
        return None  # its folder is still to be made
    most = made.max_bytes if several else settings.UPLOAD_DIRECT_MAX_BYTES
    most = min(most, scanner.most() or most)
    purpose = Purpose(folder, name, most, macros=not several)
    sent = form.files.getlist(name) if hasattr(form.files, "getlist") else []
    return Zone(
        purpose=purpose.signed_for(by),
        most=most,
        limit=filesizeformat(most),
        plain=filesizeformat(min(most, settings.UPLOAD_MAX_BYTES)),
        ends=getattr(form, "upload_ends", None),
        grace=settings.UPLOAD_GRACE_MINUTES,
        kept=[each for each in sent if isinstance(each, Arrived)],
    )
