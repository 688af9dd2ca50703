"""Organisations: declares to the record the third-party tables it uses."""

from django.apps import AppConfig

from audit.declare import Audited, declare


class OrganisationsConfig(AppConfig):
    name = "organisations"

    def ready(self) -> None:
        declare("account.EmailAddress", Audited(personal=("email",)))
        declare("account.EmailConfirmation", Audited(secret=("key",)))
        declare(
            "mfa.Authenticator",
            Audited(stream="organisations_user:{user_id}", secret=("data",)),
        )
