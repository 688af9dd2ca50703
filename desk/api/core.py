"""The API object: one JSON house with its own 401, 404 and 405."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from desk.api.errors import problem

#: Completes the OpenAPI document at each request, in the caller's language.
Completer = Callable[[dict[str, Any]], None]


class Api(NinjaAPI):
    """NinjaAPI whose every answer is JSON and whose views do their own sign-in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.completers: list[Completer] = []

    def _get_urls(self) -> list[URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            pattern.callback = self._answering(pattern.callback)
        return patterns

    def _answering(self, view: Callable[..., HttpResponse]) -> Callable:
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if response.status_code == 405:
                allowed = response.get("Allow", "")
                response = problem(self, request, 405)
                response["Allow"] = allowed
            response.setdefault("Cache-Control", "no-store")
            return response

        if hasattr(view, "__name__"):
            update_wrapper(answer, view)
        answer.csrf_exempt = True  # sessions are checked by desk.api.auth
        return login_not_required(answer)

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
        for complete in self.completers:
            complete(schema)
        return schema
