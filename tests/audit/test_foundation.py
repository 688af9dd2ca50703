"""The first tables of an app are made at once, and are the same tables."""

from importlib import import_module

import pytest
from django.db import migrations, models
from django.db.migrations.state import ProjectState

from audit.foundation import Tables

pytestmark = pytest.mark.once


@pytest.mark.parametrize("app", ["grants", "workflows", "desk"])
def test_state_is_that_of_the_operations_one_by_one(app):
    migration = import_module(f"{app}.migrations.0001_foundation").Migration
    (together,) = migration.operations
    at_once, one_by_one = ProjectState(), ProjectState()
    together.state_forwards(app, at_once)
    for operation in migration.tables:
        operation.state_forwards(app, one_by_one)
    assert len(at_once.models) == len(together.made) > 0
    assert at_once == one_by_one


def test_a_table_that_was_there_before_is_refused():
    column = migrations.AddField("Old", "column", models.IntegerField(null=True))
    with pytest.raises(ValueError, match="not new: old"):
        Tables([column])
