"""Draw a small picture of a PDF or of a picture, or a PDF's pages: a script by itself.

    python -I drawing.py pdf|picture SOURCE TARGET SIDE
    python -I drawing.py pages SOURCE FOLDER FIRST LAST

Run by attachments.rendering in a process of its own (confine.py): it meets bytes of
strangers, in libraries written in C. The target is a JPEG without any metadata, not
longer than SIDE pixels. Of pages (the first is 1) the folder gets ``count``, how many
there are, and ``3.jpg`` for the third; of one that cannot be drawn, nothing.
"""

import sys
from pathlib import Path

from PIL import Image, ImageOps

#: Pixels of a page: wide enough to read A4 by, and never longer than that.
WIDTH, LONGEST = 1240, 3600


def of_pdf(source: str, side: int) -> Image.Image:
    import pypdfium2

    page = pypdfium2.PdfDocument(source)[0]
    width, height = page.get_size()  # of 1/72 inch
    return page.render(scale=side / max(width, height, 1)).to_pil()


def of_picture(source: str, side: int) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # the limit is the memory of this process
    picture = Image.open(source)
    picture.draft("RGB", (side * 2, side * 2))  # JPEG is decoded small at once
    return ImageOps.exif_transpose(picture)


def draw_pages(source: str, folder: Path, first: int, last: int) -> None:
    """Each page by itself: one that is broken leaves the others."""
    import pypdfium2

    pdf = pypdfium2.PdfDocument(source)
    pdf.init_forms()  # or what was filled in would not be seen
    (folder / "count").write_text(str(len(pdf)))
    for number in range(first, min(last, len(pdf)) + 1):
        try:
            page = pdf[number - 1]
            width, height = page.get_size()  # of 1/72 inch
            scale = min(WIDTH / max(width, 1), LONGEST / max(height, 1))
            drawn = page.render(scale=scale).to_pil().convert("RGB")
        except (pypdfium2.PdfiumError, ValueError):
            continue
        part = folder / f"{number}.part"
        drawn.save(part, "JPEG", quality=80)
        part.rename(folder / f"{number}.jpg")
        page.close()


def main() -> None:
    if sys.argv[1] == "pages":
        source, folder, first, last = sys.argv[2:6]
        draw_pages(source, Path(folder), int(first), int(last))
        return
    kind, source, target, side = sys.argv[1:5]
    drawn = (of_pdf if kind == "pdf" else of_picture)(source, int(side))
    drawn.thumbnail((int(side), int(side)))
    if drawn.mode in ("RGBA", "LA", "PA", "P"):
        drawn = drawn.convert("RGBA")
        paper = Image.new("RGBA", drawn.size, "white")
        drawn = Image.alpha_composite(paper, drawn)
    drawn.convert("RGB").save(target, "JPEG", quality=75)


if __name__ == "__main__":
    main()
