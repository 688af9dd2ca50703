"""A file that is on its way: half of it is there."""

import io

from attachments import uploads
from attachments.models import Upload
from attachments.uploads import Purpose
from tests.attachments.files import PDF

HALF = len(PDF) // 2


def half_sent(by, folder: int, field: str = "file") -> Upload:
    purpose = Purpose(folder, field, 999)
    upload = uploads.begin(by, purpose, name="a.pdf", size=len(PDF))
    uploads.receive(upload, 0, io.BytesIO(PDF[:HALF]), HALF)
    return upload


def send_rest(upload: Upload) -> Upload:
    rest = PDF[HALF:]
    uploads.receive(upload, HALF, io.BytesIO(rest), len(rest))
    return uploads.complete(upload)
