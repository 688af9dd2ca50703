"""Where pages find the parts of a case, and how they write amounts."""

from typing import Any

from django.urls import reverse

from attachments.models import Document
from grants.accounts import may_keep_account
from grants.models import Case
from organisations.models import Organisation, User


def tab_url(case: Case, tab: str) -> str:
    return reverse("desk:case-tab", args=[case.code, tab])


def document_url(document: Document | None) -> str:
    """Where the newest version of a paper is opened."""
    if document is None:
        return ""
    newest = document.versions.order_by("-number").first()
    return reverse("desk:document-open", args=[newest.pk]) if newest else ""


def account_url(user: User, organisation: Organisation) -> str:
    """Where this person enters the organisation's bank account; "" for others."""
    if not may_keep_account(user, organisation):
        return ""
    return reverse("desk:bank-account", args=[organisation.pk])


def yuan(amount: Any) -> str:
    """An amount in CNY as pages write it, "" for none."""
    return "" if amount is None else f"{amount:,.2f}"
