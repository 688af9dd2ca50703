"""``manage.py install_triggers``: put back what a restore or a repair dropped."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from audit import capture, schema


class Command(BaseCommand):
    help = "Install the record's database triggers and book changed columns."

    def handle(self, *args: Any, **options: Any) -> None:
        count = capture.install()
        schema.book()
        self.stdout.write(_("Triggers installed: %(count)d") % {"count": count})
