"""What may go wrong when somebody acts, in the order it is answered.

404 not visible, 403 not yours, 409 wrong state or late, 422 invalid
(DESIGN.md §5). Each carries a stable `code` and a translated message.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _


class ActionError(Exception):
    """An act that is refused; nothing was changed."""

    http_status = 400
    default_code = "refused"
    default_message: Any = _("This is not possible.")

    def __init__(self, message: Any = None, *, code: str | None = None) -> None:
        self.message = message or self.default_message
        self.code = code or self.default_code
        super().__init__(str(self.message))


class NotVisible(ActionError):
    http_status = 404
    default_code = "not_found"
    default_message = _("There is no such case, or it is not yours to see.")


class Missing(NotVisible):
    """There is none: nothing is hidden, so nobody was refused."""


class NotYours(ActionError):
    http_status = 403
    default_code = "not_yours"
    default_message = _("This step belongs to somebody else.")


class WrongState(ActionError):
    http_status = 409
    default_code = "wrong_state"
    default_message = _("The case has moved on; this step is not open now.")


class Late(WrongState):
    default_code = "late"
    default_message = _("The deadline has passed.")


class Stale(WrongState):
    default_code = "stale"
    default_message = _("Somebody changed this case while you had it open.")


class NotStored(ActionError):
    """The storage of documents does not answer; what was typed is kept."""

    http_status = 503
    default_code = "storage_unavailable"
    default_message = _(
        "Documents cannot be stored or opened just now. Nothing was changed; "
        "please try again in a few minutes."
    )


class Invalid(ActionError):
    """Bad input: `errors` maps a field path ("budget.0.amount") to messages."""

    http_status = 422
    default_code = "invalid"
    default_message = _("Please correct the fields that are marked.")

    def __init__(self, errors: dict[str, list[str]], form: Any = None) -> None:
        super().__init__()
        self.errors = errors
        self.form = form
