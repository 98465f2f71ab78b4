"""A page as a PDF, printed by the browser that is there."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
_OPTIONS = "--headless --disable-gpu --no-first-run --no-pdf-header-footer".split()
_SECONDS = 120


class NoBrowser(Exception):
    """There is no browser to print with, or it does not print."""


def print_pdf(html: str) -> bytes:
    """Return a page of HTML, without scripts, as a PDF. NoBrowser."""
    named = os.environ.get("CHROMIUM")
    browser = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise NoBrowser("there is no Chromium to print with")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # for whom it has no sandbox
    with TemporaryDirectory() as folder:
        page, pdf = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html, encoding="utf-8")
        command = [browser, *_OPTIONS, *["--no-sandbox"] * is_root]
        command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf}", page.as_uri()]
        try:
            subprocess.run(command, timeout=_SECONDS, capture_output=True, check=True)
            return pdf.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise NoBrowser(f"{Path(browser).name} did not print the page") from error
