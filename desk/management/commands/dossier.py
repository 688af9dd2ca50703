"""``manage.py dossier CODE --out FILE``: the dossier of a case or a round."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from desk.dossiers import (
    Subject,
    case_subject,
    note_dossier,
    round_subject,
    write_dossier,
)
from grants.models import Case, Round

BY = "system:dossier"


class Command(BaseCommand):
    help = "Write the dossier of a case or a round, to be verified without the system."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="of a case or a round")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument("--lang", choices=("zh-hans", "en"), default="zh-hans")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists():
            told = _("%(path)s is there already.")
            raise CommandError(told % {"path": out})
        subject = self._subject(options["code"])
        language = options["lang"]
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".dossier-") as file:
            with translation.override(language):
                made = write_dossier(subject, file, by=BY, language=language)
            file.flush()
            note_dossier(subject, made, by=BY)
            out.hardlink_to(file.name)
        out.chmod(0o440)
        told = _("%(events)d events, %(documents)d documents, SHA-256 %(sha256)s")
        self.stdout.write(told % vars(made))
        for key in made.withheld:
            told = _("Left out, as it is infected or still to be scanned: %(key)s")
            self.stderr.write(self.style.WARNING(told % {"key": key}))
        for key in made.lost:
            told = _("A document is lost from the storage: %(key)s")
            self.stderr.write(self.style.ERROR(told % {"key": key}))

    def _subject(self, code: str) -> Subject:
        case = Case.objects.filter(code=code).first()
        if case is not None:
            return case_subject(case)
        round_ = Round.objects.filter(code=code).first()
        if round_ is None:
            told = _("There is no case and no round %(code)s.")
            raise CommandError(told % {"code": code})
        cases = round_.cases.filter(submitted_at__isnull=False)
        return round_subject(round_, cases.order_by("pk"))
