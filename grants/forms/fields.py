"""Fields that an HTML page and a JSON body fill alike."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from attachments.checks import check_upload
from attachments.uploads import gone


class RowErrors(ValidationError):
    """Errors of a table: messages located by row and column."""

    def __init__(self, rows: dict[int, Any]) -> None:
        self.rows = rows
        super().__init__(_("Some rows need your attention."), code="rows")


class RowsWidget(forms.Widget):
    """Reads `name-0-column`, `name-1-column` … or a list from JSON."""

    template_name = "components/rows.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict]:
        direct = data.get(name)
        if isinstance(direct, list):
            return direct
        columns = list(self.row_form.base_fields)
        rows, index = [], 0
        while any(f"{name}-{index}-{column}" in data for column in columns):
            row = {c: data.get(f"{name}-{index}-{c}", "") for c in columns}
            if any(str(v).strip() for v in row.values()):
                rows.append(row)
            index += 1
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class SuggestedField(forms.CharField):
    """A text for which a page offers what another table of the form names.

    source: (field of the table, column).
    """

    def __init__(self, source: tuple[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source


class RowsField(forms.Field):
    """A table of rows: a formset on the page, an array in JSON."""

    widget = RowsWidget

    def __init__(
        self,
        row_form: type[forms.Form],
        *,
        min_rows: int = 1,
        max_rows: int = 200,
        fixed: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(required=min_rows > 0, **kwargs)
        self.row_form = row_form
        self.min_rows, self.max_rows, self.fixed = min_rows, max_rows, fixed
        self.widget.row_form = row_form

    def __deepcopy__(self, memo: dict) -> "RowsField":
        copy = super().__deepcopy__(memo)
        copy.widget.row_form = self.row_form
        return copy

    #: What the first column of a row stands for, by its value: pages show the
    #: text and do not let it be typed. Set by a form that offers given rows.
    row_labels: dict[str, str] = {}

    def clean(self, value: Any) -> list[dict]:
        rows = value or []
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            raise ValidationError(_("Enter a list of rows."), code="invalid")
        if len(rows) < self.min_rows:
            raise ValidationError(_("Enter at least one row."), code="required")
        if len(rows) > self.max_rows:
            raise ValidationError(_("These are too many rows."), code="max_rows")
        cleaned, errors = [], {}
        for index, row in enumerate(rows):
            form = self.row_form(row)
            if form.is_valid():
                cleaned.append(form.cleaned_data)
            else:
                errors[index] = form.errors
        if errors:
            raise RowErrors(errors)
        return cleaned


class DocumentField(forms.Field):
    """A file: an upload, inline base64 in JSON, or the id of a document.

    `kind` is the document's kind in the case's folder. Cleaning yields an
    UploadedFile or an int; `Action.run` stores the former and checks the
    latter, so that a service always receives a Document (or None).
    """

    widget = forms.ClearableFileInput

    def __init__(self, kind: str, *, camera: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        #: Whether a phone offers its camera.
        self.camera = camera

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if value in self.empty_values:
            return None
        if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                raise ValidationError(_("This is not a file."), code="invalid")
        return value


class ChosenDocumentWidget(forms.Select):
    """One of the case's papers; JSON may bring a file instead."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(name) or data.get(name)


class ChosenDocumentField(DocumentField):
    """A paper that the case has already, by its id; `choices` are (id, title)."""

    widget = ChosenDocumentWidget

    def __init__(
        self, kind: str, *, choices: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(kind, **kwargs)
        self.choices = [("", "–"), *choices]


class FilesWidget(forms.FileInput):
    """Several files of one input, or a list from JSON."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        if hasattr(files, "getlist"):
            return files.getlist(name)
        return files.get(name) or []


class FilesField(DocumentField):
    """Several files at once; cleaning yields a list of UploadedFile.

    They are not of the case's folder but of one of their own, of the kind
    `folder`, which the service makes: `Action.clean` stores the files, and a
    service receives a list of StoredUpload. `max_bytes` is per file.
    """

    widget = FilesWidget

    def __init__(
        self, kind: str, *, folder: str, max_files: int, max_bytes: int, **kwargs: Any
    ) -> None:
        super().__init__(kind, **kwargs)
        self.folder, self.max_files, self.max_bytes = folder, max_files, max_bytes

    def clean(self, value: Any) -> list[Any]:
        files = list(value or [])
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.max_files:
            raise ValidationError(
                _("Send at most %(most)s files; these are %(found)s."),
                code="max_files",
                params={"most": self.max_files, "found": len(files)},
            )
        if refused := [e for f in files for e in self.refusals(f)]:
            raise ValidationError(refused)
        return files

    def refusals(self, upload: Any) -> list[ValidationError]:
        """Why a file is not taken, with its name."""
        try:
            check_upload(upload)
            if getattr(upload, "is_taken", False):
                raise gone()
            if upload.size > self.max_bytes:
                raise ValidationError(
                    _("The file is larger than %(limit)s."),
                    code="upload_size",
                    params={"limit": filesizeformat(self.max_bytes)},
                )
        except ValidationError as error:
            return [
                ValidationError(f"{upload.name}: {message}", code="file")
                for message in error.messages
            ]
        return []


class CodesField(forms.CharField):
    """Public codes: a list in JSON, separated by commas or spaces on a page."""

    def clean(self, value: Any) -> list[str]:
        if isinstance(value, str):
            value = value.replace("，", ",").replace(",", " ").split()
        codes = [str(code).strip() for code in value or [] if str(code).strip()]
        if self.required and not codes:
            raise ValidationError(self.error_messages["required"], code="required")
        return codes
