"""What a page costs, in queries."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def of_an_event() -> int:
    """What writing down costs that something was read: PostgreSQL's triggers are told
    of the open event, and of its end."""
    return 9 if connection.vendor == "postgresql" else 7


def queries_of(client: Client, path: str) -> int:
    """The queries of a page that was read before: content types and the like are kept
    by the process. They are printed, and so stand beside a number that is wrong."""
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200, path
    print(path, *(query["sql"][:250] for query in found), sep="\n  ")
    return len(found)
