"""LibreOffice as a bureau's office program: what does it make of our files?"""

import os
import subprocess
from pathlib import Path


def convert(content: bytes, name: str, folder: Path, to: str) -> bytes:
    """The file after LibreOffice opened it and saved it in another format."""
    source = folder / name
    source.write_bytes(content)
    out = folder / f"as-{to}"
    subprocess.run(
        [
            *("soffice", "--headless", "--norestore"),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--convert-to", to, "--outdir", str(out), str(source)),
        ],
        env=os.environ | {"HOME": str(folder)},
        check=True,
        capture_output=True,
        timeout=180,
    )
    return (out / name).with_suffix(f".{to}").read_bytes()
