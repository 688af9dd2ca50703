"""An app's first migration, made at once.

After each operation Django renders all models anew that are related to the one it
changed. Here every model is related to every other, so that eighty operations one
after another took half a minute.
"""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class Tables(Operation):
    """New tables of one app, with what operations after their ``CreateModel`` add.

    The operations are taken together: the tables are made as the last of them leaves
    them. None may touch a table that was there before. ::

        tables = [migrations.CreateModel(…), migrations.AddField(…), …]
        operations = [Tables(tables)]
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self.made = [o.name for o in operations if isinstance(o, CreateModel)]
        changed: set[str] = {
            operation.model_name  # type: ignore[attr-defined]
            for operation in operations
            if not isinstance(operation, CreateModel)
        }
        if strange := {n.lower() for n in changed} - {n.lower() for n in self.made}:
            raise ValueError(f"Tables that are not new: {', '.join(sorted(strange))}")

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._each(app_label, schema_editor, to_state, "create_model", self.made)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        last_first = self.made[::-1]
        self._each(app_label, schema_editor, from_state, "delete_model", last_first)

    def _each(
        self,
        app_label: str,
        schema_editor: Any,
        state: Any,
        act: str,
        names: Sequence[str],
    ) -> None:
        for name in names:
            model = state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                getattr(schema_editor, act)(model)

    def describe(self) -> str:
        return f"Create {len(self.made)} tables"
