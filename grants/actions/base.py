"""One definition per action: the page, the API, the inbox share it.

    SUBMIT = Action("submit_application", _("Submit application"), SubmitForm,
                    submit_application)

`of` says what an action is about: "case", "round" (a batch), "seat",
"stage", "tranche", "objection" or "finding". The flows refer to actions by name;
`workflows.services.perform` runs them.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from attachments.models import Document, Folder
from attachments.services import add_document, store_upload
from attachments.storage import StorageUnavailable
from grants.errors import Invalid, NotStored
from grants.forms.base import ActionForm

logger = logging.getLogger(__name__)

NO_SUCH_DOCUMENT = _("There is no such document in this case.")


@dataclass(frozen=True)
class Action:
    """An action as everybody sees it.

    A `free` one is no step of a flow: it may come whenever the table of moves
    allows it, but not again before the step `answered_by` has answered it. One
    about an `entry` that its body names is offered beside that entry only. One that
    `confirms` decides or moves money: staff give their second factor again for it.
    """

    name: str
    label: Any
    form: type[ActionForm]
    service: Callable[..., Any]
    of: str = "case"
    danger: bool = False
    free: bool = False
    answered_by: str = ""
    entry: bool = False
    confirms: bool = False

    def schema(self, target: Any, by: Any) -> dict[str, Any]:
        """JSON Schema of the body, for this target and person."""
        return self.form(target=target, by=by).schema()

    def example(self, target: Any, by: Any) -> dict[str, Any]:
        """A body that would be accepted now."""
        return self.form(target=target, by=by).example()

    def bind(
        self, target: Any, *, by: Any, data: Any = None, files: Any = None
    ) -> ActionForm:
        """The form of a page's POST."""
        return self.form(data=data or {}, files=files or {}, target=target, by=by)

    def bind_json(self, target: Any, *, by: Any, body: Any) -> ActionForm:
        """The form of a JSON body; Invalid when its shape is wrong."""
        return self.form.from_json(body, target=target, by=by)

    def clean(self, form: ActionForm) -> dict[str, Any]:
        """Validated fields, files stored as documents.

        Invalid otherwise, NotStored when the storage does not answer.

        Files are stored before the act's transaction begins (never inside
        one): a refused act leaves the document in the folder, nothing is lost;
        repeated, the act takes that document.
        """
        if not form.is_valid():
            raise Invalid(form.error_paths(), form)
        cleaned = dict(form.cleaned_data)
        try:
            self._store(form, cleaned)
        except StorageUnavailable as error:
            logger.error("documents of %s could not be stored: %s", self.name, error)
            raise NotStored() from error
        return cleaned

    def _store(self, form: ActionForm, cleaned: dict[str, Any]) -> None:
        """Put stored documents in the place of the form's files."""
        for name, field in form.document_fields().items():
            if cleaned.get(name) is not None:
                cleaned[name] = self._document(form, name, field.kind, cleaned[name])
        for name, several in form.files_fields().items():
            folder = Folder(kind=several.folder)  # the service makes the real one
            cleaned[name] = [store_upload(folder, file) for file in cleaned[name]]

    def _document(self, form: ActionForm, name: str, kind: str, value: Any) -> Document:
        target = form.target
        owner = target.case if hasattr(target, "case") else target
        if isinstance(value, int):
            document = Document.objects.filter(
                pk=value, folder_id=owner.folder_id
            ).first()
            if document is None:
                form.add_error(name, NO_SUCH_DOCUMENT)
                raise Invalid(form.error_paths(), form)
            return document
        try:
            return add_document(
                owner.folder, kind=kind, upload=value, by=form.by, reuse=True
            )
        except ValidationError as error:
            form.add_error(name, error)
            raise Invalid(form.error_paths(), form) from error
