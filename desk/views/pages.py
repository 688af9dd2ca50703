"""One page of a document as a picture, for its preview."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from attachments.filetypes import JPEG
from attachments.pages import open_page
from desk.views.documents import guarded, seen_version


@require_safe
def document_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The picture of a page; on record with the preview that it stands in."""
    version = seen_version(request, pk)
    noted = request.GET.get("noted", "")
    try:
        content, size = open_page(version, number, request.user, noted=noted)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type=JPEG)
    response["Content-Length"] = size
    return guarded(response)
