"""DOCX that a bureau opens in WPS or Word, edits, and pastes into its own OA."""

import io
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from grants.papers.sheet import Block, Sheet

#: The faces of official papers (GB/T 9704); an office without them replaces them.
BODY, TITLE, LATIN = "仿宋_GB2312", "方正小标宋简体", "Times New Roman"
SIZES = {"a4": (21.0, 29.7), "a3": (29.7, 42.0)}  # cm
SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}


def docx_of(sheet: Sheet) -> bytes:
    """The paper as an editable document."""
    data = sheet.data()
    document = Document()
    set_page(document, data)
    set_styles(document)
    document.core_properties.title = data["title"]
    document.core_properties.author = ""
    put_title(document, data["title"])
    if data["number"]:
        paragraph = document.add_paragraph(data["number"])
        paragraph.alignment = SIDES["center"]
    for block in data["blocks"]:
        WRITERS[block["kind"]](document, block)
    put_footer(document, data["check_code"])
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def set_page(document: DocumentType, data: dict[str, Any]) -> None:
    section = document.sections[0]
    width, height = SIZES[data["paper"]]
    if data["landscape"]:
        section.orientation = WD_ORIENT.LANDSCAPE
        width, height = height, width
    section.page_width, section.page_height = Cm(width), Cm(height)
    side = Cm(1.5 if data["landscape"] else 2.7)
    section.left_margin = section.right_margin = side


def set_styles(document: DocumentType) -> None:
    """The body's face and size; Word keeps the Chinese face apart."""
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(14)
    style.element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), BODY)
    style.paragraph_format.space_after = Pt(4)


def put_title(document: DocumentType, title: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = SIDES["center"]
    paragraph.paragraph_format.space_after = Pt(14)
    run = paragraph.add_run(title)
    run.font.size, run.font.name = Pt(20), LATIN
    run._element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), TITLE)


def put_text(document: DocumentType, block: Block) -> None:
    paragraph = document.add_paragraph(block["text"])
    paragraph.alignment = SIDES[block["align"]]
    if block["indent"]:
        paragraph.paragraph_format.first_line_indent = Pt(28)


def put_heading(document: DocumentType, block: Block) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run(block["text"]).bold = True


def put_facts(document: DocumentType, block: Block) -> None:
    put_table(
        document,
        {
            "columns": [],
            "widths": [1, 3],
            "aligns": ["left", "left"],
            "rows": block["rows"],
            "total": [],
        },
    )


def put_table(document: DocumentType, block: Block) -> None:
    """A table over the width of the page; its heading repeats on each page."""
    lines = [block["columns"]] if block["columns"] else []
    lines += block["rows"]
    lines += [block["total"]] if block["total"] else []
    if not lines:
        return
    table = document.add_table(rows=len(lines), cols=len(block["widths"]))
    table.style = "Table Grid"
    table.autofit = False
    section = document.sections[0]
    inner = section.page_width - section.left_margin - section.right_margin
    share = inner / sum(block["widths"])
    for column, width in zip(table.columns, block["widths"], strict=True):
        column.width = int(share * width)
    for number, line in enumerate(lines):
        head = bool(block["columns"]) and number == 0
        for place, cell in enumerate(table.rows[number].cells):
            cell.width = int(share * block["widths"][place])
            side = "center" if head else block["aligns"][place]
            write_cell(cell.paragraphs[0], line[place], side, bold=head)
    if block["columns"]:
        mark = OxmlElement("w:tblHeader")
        mark.set(qn("w:val"), "true")
        table.rows[0]._tr.get_or_add_trPr().append(mark)
    document.add_paragraph()


def write_cell(paragraph: Paragraph, text: str, side: str, *, bold: bool) -> None:
    paragraph.alignment = SIDES[side]
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(10.5)


def put_signatures(document: DocumentType, block: Block) -> None:
    """Places to sign, two in a row, without borders."""
    lines = block["lines"]
    table = document.add_table(rows=(len(lines) + 1) // 2, cols=2)
    for number, line in enumerate(lines):
        cell = table.cell(number // 2, number % 2)
        cell.paragraphs[0].paragraph_format.space_before = Pt(18)
        cell.paragraphs[0].add_run(line)


def put_page_break(document: DocumentType, block: Block) -> None:
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def put_footer(document: DocumentType, check_code: str) -> None:
    """第x页 共y页, counted by the program that shows the document."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = SIDES["center"]
    for before, field in (("第", "PAGE"), ("页 共", "NUMPAGES")):
        paragraph.add_run(before)
        add_field(paragraph, field)
    paragraph.add_run("页")
    if check_code:
        paragraph.add_run(f"　校验码 {check_code}")


def add_field(paragraph: Paragraph, name: str) -> None:
    run = paragraph.add_run()._element
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run.append(part)


WRITERS = {
    "title": lambda document, block: put_title(document, block["text"]),
    "text": put_text,
    "heading": put_heading,
    "facts": put_facts,
    "table": put_table,
    "signatures": put_signatures,
    "page_break": put_page_break,
}
