"""The diagrams in docs/flows are those of the code (`make flows` draws them)."""

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.once


def test_diagrams_in_docs_are_current():
    call_command("export_flows", check=True)
