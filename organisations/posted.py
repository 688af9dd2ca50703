"""What a form was sent, however little: an empty POST is no first visit."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """The fields that were sent; None when the page is only opened."""
    return request.POST if request.method == "POST" else None
