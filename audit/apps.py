from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("The record")

    def ready(self) -> None:
        connection_created.connect(give_function, dispatch_uid="audit.function")
        pre_migrate.connect(before_migrations, dispatch_uid="audit.uninstall")
        post_migrate.connect(after_migrations, dispatch_uid="audit.install")
        for connection in connections.all(initialized_only=True):
            if connection.connection is not None:
                give_function(connection=connection)


def give_function(*, connection: Any, **kwargs: Any) -> None:
    """Tell SQLite's triggers which event is open on a new connection."""
    from . import capture

    capture.register(connection)


def before_migrations(*, sender: Any, using: str, plan: Any = (), **kw: Any) -> None:
    """Drop the triggers before the first migration of a run.

    A rebuilt table loses them on SQLite, and a column cannot be dropped while
    they exist.
    """
    from . import capture

    if using == DEFAULT_DB_ALIAS and plan and sender is _first():
        capture.uninstall(using)


def after_migrations(*, sender: Any, using: str, **kwargs: Any) -> None:
    """Install the triggers after the last migration, and book changed columns.

    At the first app's signal: what other apps write on theirs is captured.
    """
    from . import capture, schema

    if using == DEFAULT_DB_ALIAS and sender is _first():
        if capture.install(using):
            schema.book()


def _migrated() -> list[AppConfig]:
    """The apps to which migrate sends its signals, in its order."""
    from django.apps import apps

    return [a for a in apps.get_app_configs() if a.models_module is not None]


def _first() -> AppConfig:
    return _migrated()[0]
