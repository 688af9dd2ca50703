"""`manage.py export_flows [--check]`: diagrams of every flow in docs/flows/."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from workflows.diagram import flow_bpmn, flow_svg, standalone
from workflows.flows import FLOWS


class Command(BaseCommand):
    help = "Write (or with --check compare) the diagrams of every flow."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "flows"
        folder.mkdir(parents=True, exist_ok=True)
        stale = []
        for name, text in self.files().items():
            path = folder / name
            if options["check"]:
                if not path.exists() or path.read_text(encoding="utf-8") != text:
                    stale.append(name)
            else:
                path.write_text(text, encoding="utf-8")
        if stale:
            raise CommandError("Not current: " + ", ".join(stale))

    def files(self) -> dict[str, str]:
        out = {}
        for flow in FLOWS:
            name = flow.__name__.removesuffix("Flow").lower()
            for language in ("zh-hans", "en"):
                with translation.override(language):
                    out[f"{name}.{language}.svg"] = standalone(flow_svg(flow)) + "\n"
                    out[f"{name}.{language}.bpmn"] = flow_bpmn(flow)
        return out
