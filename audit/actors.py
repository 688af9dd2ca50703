"""Who acts: a user or a system, as a code."""

from typing import Any

from django.contrib.auth import get_user_model


def actor_of(by: Any) -> str:
    """The actor's code: "user:7" for a user, or the given "system:<sweep>"."""
    if isinstance(by, str):
        if ":" not in by:
            raise ValueError(f'"{by}" is no actor: a user, or "system:<sweep>"')
        return by
    if isinstance(by, get_user_model()) and by.pk is not None:
        return f"user:{by.pk}"
    if getattr(by, "is_anonymous", False):
        return "system:anonymous"
    raise TypeError(f"{type(by).__name__} cannot act")


def own_stream(actor: str) -> str:
    """The stream of what an actor did that changed nothing: their own."""
    kind, _, key = actor.partition(":")
    return f"{get_user_model()._meta.db_table}:{key}" if kind == "user" else actor


def user_key(actor: str) -> Any:
    """The key of the user behind an actor's code; None for a system."""
    kind, _, key = actor.partition(":")
    return get_user_model()._meta.pk.to_python(key) if kind == "user" else None
