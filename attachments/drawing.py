"""Draw a small picture of a PDF's first page or of a picture: a stand-alone script.

    python -I drawing.py pdf|picture SOURCE TARGET SIDE

Run by attachments.rendering in a process of its own (confine.py): it meets bytes of
strangers, in libraries written in C. The target is a JPEG without any metadata, not
longer than SIDE pixels.
"""

import sys

from PIL import Image, ImageOps


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


def main() -> None:
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
