"""The bureau's lists: on the page, as a spreadsheet, as a bundle of documents."""

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from attachments.storage import get_storage
from desk import exports, taking
from desk.case_bundles import title_of
from desk.lists.columns import Kind, ListKind, Unit
from desk.lists.overdue import OVERDUE
from desk.lists.table import LISTS, Table, may_read_lists, save_choice, table_for
from desk.lists.xlsx import write_xlsx
from desk.models import Export
from desk.views.answers import refusals
from grants.errors import Missing, NotVisible
from grants.permissions import programmes_with
from organisations.paging import number_in, position_of
from organisations.second_factor import ask_again, gave_lately
from workflows.reminding import remind_now

PAGE = 50
#: Texts longer than this may take several lines.
WIDE = 24
#: Overdue steps that one click reminds of.
REMIND_MOST = 1000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def list_or_404(request: HttpRequest, code: str) -> ListKind:
    """The list named, for those who may read lists."""
    if code not in LISTS or not may_read_lists(request.user):
        raise NotVisible()
    return LISTS[code]


@require_safe
@refusals
def list_index(request: HttpRequest) -> HttpResponse:
    """Which lists there are."""
    if not may_read_lists(request.user):
        raise NotVisible()
    return render(request, "desk/list_index.html", {"lists": LISTS.values()})


@require_safe
@refusals
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """One list: filters, chosen columns, sums of all rows, fifty rows."""
    kind = list_or_404(request, code)
    table, form = table_for(request.user, kind, request.GET)
    start = position_of(request)
    found = table.page(start, PAGE)
    totals = table.totals()
    context = {
        "kind": kind,
        "table": table,
        "form": form,
        "rows": [
            {
                "number": start + number,
                "case": kind.case_of(row),
                "cells": [cell(table, column, row) for column in table.columns],
            }
            for number, row in enumerate(found[:PAGE], start=1)
        ],
        "sums": [
            {
                "money": column.sums,
                "value": table.unit.of(totals[column.key]) if column.sums else None,
            }
            for column in table.columns
        ],
        "next": start + PAGE if len(found) > PAGE else None,
        "before": max(start - PAGE, 0) if start else None,
        "choices": choices_of(table),
        "units": [
            (Unit.YUAN.value, _("yuan")),
            (Unit.WAN.value, _("ten thousand yuan")),
        ],
        "unit": table.unit.value,
        "reminds": kind.code == OVERDUE.code
        and bool(programmes_with(request.user, "remind")),
    }
    return render(request, "desk/list_page.html", context)


def cell(table: Table, column: Any, row: Any) -> dict[str, Any]:
    """One value as the page writes it."""
    value = column.of(row)
    if column.kind is Kind.MONEY and value is not None:
        value = table.unit.of(value)
    wide = column.kind is Kind.TEXT and len(str(value or "")) > WIDE
    return {
        "kind": column.kind.value,
        "value": value,
        "key": column.key,
        "wide": wide,
    }


def choices_of(table: Table) -> list[dict[str, Any]]:
    """Every column, the chosen ones first and in their order."""
    shown = [column.key for column in table.columns]
    others = [c for c in table.kind.columns if c.key not in shown]
    return [
        {"key": c.key, "label": c.label, "shown": c.key in shown, "place": place}
        for place, c in enumerate([*table.columns, *others], start=1)
    ]


@require_POST
@refusals
def list_columns(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the columns, their order and the unit that the person chose."""
    kind = list_or_404(request, code)
    keys = sorted(
        dict.fromkeys(request.POST.getlist("column")),
        key=lambda key: place_of(request.POST.get(f"place_{key}", "")),
    )
    given = request.POST.get("unit", "")
    unit = Unit(given) if given in {u.value for u in Unit} else Unit.YUAN
    if request.POST.get("reset"):
        keys, unit = kind.default, Unit.YUAN
    save_choice(request.user, kind, keys, unit)
    messages.success(request, _("The columns are kept for you."))
    return redirect(with_query(reverse("desk:list-page", args=[code]), request))


def place_of(given: str) -> int:
    place = number_in(given, 3)
    return 999 if place is None else place


def with_query(url: str, request: HttpRequest) -> str:
    """A page with the filters that the form came from."""
    query = request.GET.urlencode()
    return f"{url}?{query}" if query else url


@require_POST
@refusals
def list_export(request: HttpRequest, code: str) -> HttpResponse:
    """The list as a spreadsheet, at once or in the background; or its documents."""
    kind = list_or_404(request, code)
    table, _form = table_for(request.user, kind, request.GET)
    wanted = request.POST.get("kind", Export.Kind.LIST)
    if wanted not in exports.MAKERS:
        raise Missing()
    rows = table.count()
    if wanted == Export.Kind.LIST and rows <= exports.AT_ONCE:
        exports.note_export(request.user, kind.code, wanted, rows)
        file = io.BytesIO()
        write_xlsx(table, file)
        file.seek(0)
        name = exports.file_name(table, "xlsx")
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    exports.ask(request.user, wanted, table, request.GET.dict())
    messages.success(request, _("The file is being made; it will stand here."))
    return redirect("desk:export-list")


@require_POST
@refusals
def remind(request: HttpRequest) -> HttpResponse:
    """Remind everybody who is late in what the filters show; once a day each."""
    kind = list_or_404(request, OVERDUE.code)
    table, _form = table_for(request.user, kind, request.GET)
    count = remind_now(table.page(0, REMIND_MOST), by=request.user)
    if count:
        text = ngettext(
            "Reminded of %(count)d overdue step.",
            "Reminded of %(count)d overdue steps.",
            count,
        ) % {"count": count}
        messages.success(request, text)
    else:
        messages.info(request, _("Everybody was reminded today already."))
    return redirect(with_query(reverse("desk:list-page", args=[kind.code]), request))


@require_safe
@refusals
def export_list(request: HttpRequest) -> HttpResponse:
    """My files: how far they are, and until when they are kept."""
    found = list(Export.objects.filter(user=request.user)[:50])
    for export in found:
        known = LISTS.get(export.list)
        export.title = known.title if known else title_of(export)
    context = {
        "exports": found,
        "working": any(e.is_open for e in found),
        "offices": may_read_lists(request.user),
    }
    template = "desk/_export_rows.html" if request.htmx else "desk/export_list.html"
    return render(request, template, context)


@require_safe
@refusals
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A finished file, for whoever asked for it and still may see what it holds."""
    export = Export.objects.filter(
        pk=pk, user=request.user, finished_at__isnull=False
    ).first()
    if export is None:
        raise NotVisible()
    if export.kind == Export.Kind.DOSSIER and not gave_lately(request):
        return ask_again(request, reverse("desk:export-list"))
    if taking.is_infected(export):
        taking.drop(export)
        text = _(
            "A virus was found in a document that this file held. It was thrown away "
            "and is made anew without that document."
        )
        messages.warning(request, text)
        return redirect("desk:export-list")
    taking.take(export)
    try:
        content = get_storage().open(export.storage_key)
    except FileNotFoundError as missing:
        raise Http404 from missing
    return FileResponse(content, as_attachment=True, filename=export.name)
