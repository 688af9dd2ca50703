"""Opening papers as their readers do."""

import io

from docx import Document
from pypdf import PdfReader


def pdf_pages(content: bytes) -> list[str]:
    """The text of each page, without the line breaks of setting."""
    reader = PdfReader(io.BytesIO(content))
    return ["".join(page.extract_text().split()) for page in reader.pages]


def pdf_text(content: bytes) -> str:
    return "".join(pdf_pages(content))


def docx_text(content: bytes) -> str:
    """Everything that stands in a document: paragraphs, cells, footers."""
    document = Document(io.BytesIO(content))
    texts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        texts += [cell.text for row in table.rows for cell in row.cells]
    for section in document.sections:
        texts += [paragraph.text for paragraph in section.footer.paragraphs]
    return "".join("".join(texts).split())


READERS = {"pdf": pdf_text, "docx": docx_text}


def fonts_of(content: bytes) -> dict[str, bool]:
    """The fonts of a PDF, and whether their files are inside it."""
    found: dict[str, bool] = {}
    for page in PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = below["/FontDescriptor"].get_object()
            files = {"/FontFile", "/FontFile2", "/FontFile3"}
            found[str(below["/BaseFont"])] = bool(files & set(descriptor))
    return found
