"""Setting a sheet: what stands on it reaches both formats, and nothing else."""

import io
from datetime import date

import pytest
from pypdf import PdfReader

from grants.papers import typeset
from grants.papers.sheet import (
    Column,
    Sheet,
    closing,
    facts,
    heading,
    number_column,
    signatures,
    table,
    text,
)
from grants.papers.typeset import NoFonts, pdf_of
from grants.papers.word import docx_of
from tests.papers.reading import docx_text, fonts_of, pdf_pages, pdf_text

pytestmark = pytest.mark.once

COLUMNS = (Column("序号", 0.4, "center"), Column("项目名称", 3), number_column("金额"))
MARKUP = '*粗* #panic("x") $a$ <标签> @引用 \\ [链](x) `码` =1+1 {{ x }}'


def sheet(**fields) -> Sheet:
    rows = [(n, f"第{n}个项目", "1,000.00") for n in range(1, 91)]
    blocks = [
        heading("一、说明"),
        text(MARKUP),
        text("甲行\n乙行"),
        facts([("资助金额", "壹仟元整"), ("没有", None)]),
        table(COLUMNS, rows, ("", "合计", "90,000.00")),
        signatures(["甲方（盖章）", "乙方（盖章）", "丙方（盖章）"]),
        *closing("演示民政局", date(2021, 6, 10)),
    ]
    return Sheet("关于名单的通知", blocks, number="演示〔2021〕1号", **fields)


def test_every_page_is_numbered_and_carries_the_check_code():
    pages = pdf_pages(pdf_of(sheet(check_code="4F7K-92QX-M0AB")))
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in page
        assert "校验码4F7K-92QX-M0AB" in page
    assert sum("项目名称" in page for page in pages) >= len(pages) - 1


@pytest.mark.parametrize(
    ("setter", "reader"), [(pdf_of, pdf_text), (docx_of, docx_text)]
)
def test_texts_stand_as_they_were_typed(setter, reader):
    found = reader(setter(sheet()))
    assert "".join(MARKUP.split()) in found
    for words in (
        "第90个项目",
        "90,000.00",
        "壹仟元整",
        "2021年6月10日",
        "丙方（盖章）",
    ):
        assert words in found


def test_fonts_are_embedded_regular_and_bold():
    fonts = fonts_of(pdf_of(sheet()))
    assert len(fonts) == 2
    assert all(fonts.values())
    assert all("NotoSansSC" in name for name in fonts)


def test_archival_sheet_is_pdf_a_and_others_are_not():
    archival = PdfReader(io.BytesIO(pdf_of(sheet(archival=True))))
    assert archival.xmp_metadata.pdfaid_part == "2"
    assert archival.xmp_metadata.pdfaid_conformance == "B"
    assert PdfReader(io.BytesIO(pdf_of(sheet()))).xmp_metadata.pdfaid_part is None


@pytest.mark.parametrize("archival", [True, False])
def test_characters_that_the_font_lacks_are_named(archival):
    odd = Sheet("名单", [text("𠮷野家😀 \x0b\ud800完")], archival=archival)
    found = pdf_text(pdf_of(odd))
    assert "〔U+1F600〕" in found
    assert found.startswith("名单")
    assert "完" in found
    assert "😀" in docx_text(docx_of(odd))


def test_landscape_a3_and_attachments_on_their_own_pages():
    wide = Sheet("汇总表", [text("甲")], paper="a3", landscape=True)
    page = PdfReader(io.BytesIO(pdf_of(wide))).pages[0].mediabox
    assert (round(page.width / 72 * 25.4), round(page.height / 72 * 25.4)) == (420, 297)
    pages = pdf_pages(pdf_of(Sheet("公示", [text("正文")], attachments=[wide])))
    assert len(pages) == 2
    assert pages[1].startswith("附件1汇总表甲")


def test_without_fonts_papers_are_refused_and_say_so(settings, tmp_path):
    settings.PAPER_FONTS = [str(tmp_path)]
    with pytest.raises(NoFonts) as refused:
        pdf_of(sheet())
    assert refused.value.http_status == 503


def test_cover_of_the_font_knows_what_is_common():
    known = typeset.covered(str(typeset.font_files()[0]))
    assert {ord(c) for c in "零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整〔〕￥¥Aa1"} <= known
    assert ord("😀") not in known
