"""``manage.py token USERNAME``: print a new personal token for the API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organisations.models import User
from organisations.services import issue_token


class Command(BaseCommand):
    help = "Print a new personal API token of a person. It is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active account {username!r}.")
        self.stdout.write(issue_token(user, by="system:command"))
