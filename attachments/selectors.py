"""Reading documents. Whoever may not read a folder finds nothing in it."""

from typing import TYPE_CHECKING

from django.db.models import Prefetch, QuerySet

from attachments import registry
from attachments.models import Document, Folder, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser  # AUTH_USER_MODEL or anonymous


def documents_in(folder: Folder) -> QuerySet[Document]:
    """A folder's documents with their versions, newest first: three queries.

    For callers that have asked whether the person may see the folder.
    """
    versions = Version.objects.order_by("-number").select_related(
        "uploaded_by", "rendition", "scan"
    )
    return (
        folder.documents.order_by("kind", "id")
        .select_related("created_by")
        .prefetch_related(Prefetch("versions", queryset=versions))
    )


def documents_for(user: "_AnyUser", folder: Folder) -> QuerySet[Document]:
    """The documents of a folder this person may read, else none."""
    documents = documents_in(folder)
    return documents if registry.can_read(user, folder) else documents.none()


def version_for(user: "_AnyUser", pk: int) -> Version:
    """One version this person may read; Version.DoesNotExist otherwise (404)."""
    version = Version.objects.select_related(
        "document__folder", "rendition", "scan"
    ).get(pk=pk)
    if not registry.can_read(user, version.document.folder):
        raise Version.DoesNotExist
    return version


def document_for(user: "_AnyUser", pk: int) -> Document:
    """One document this person may read; Document.DoesNotExist otherwise (404)."""
    document = Document.objects.select_related("folder").get(pk=pk)
    if not registry.can_read(user, document.folder):
        raise Document.DoesNotExist
    return document


def newest_version(document: Document) -> Version:
    """The version that counts."""
    return document.versions.latest("number")
