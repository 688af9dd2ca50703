"""Organisations: declares to the record the third-party tables it uses."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_login_failed

from audit.declare import Audited, declare


class OrganisationsConfig(AppConfig):
    name = "organisations"

    def ready(self) -> None:
        declare("account.EmailAddress", Audited(personal=("email",)))
        declare("admin.LogEntry", Audited(personal=("object_repr", "change_message")))
        declare("account.EmailConfirmation", Audited(secret=("key",)))
        declare(
            "mfa.Authenticator",
            Audited(stream="organisations_user:{user_id}", secret=("data",)),
        )
        from organisations import attempts

        # Before axes hears of a failure (its import connects it), which may be the
        # one that locks: until then it was only wrong.
        user_login_failed.connect(attempts.login_failed)
        from axes.signals import user_locked_out

        user_locked_out.connect(attempts.locked_out)
