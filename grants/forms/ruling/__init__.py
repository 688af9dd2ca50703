"""The rules of a programme as ordinary forms, one a subject."""

from grants.forms.ruling.base import RulesForm
from grants.forms.ruling.subjects import SUBJECTS

__all__ = ["SUBJECTS", "RulesForm"]
