"""The page as a static site: the compiler runs inside the browser, by Pyodide, without a server.

The site is made once, from packages that npm and pip fetch; then all of it is there, and it asks no
other site for anything.
"""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from html import escape
from pathlib import Path

from nndsl.files import unfinished_folder
from nndsl.play.files import Pages
from nndsl.play.in_browser import first
from nndsl.play.words import PAGE, index
from nndsl.resources import own_files

PYODIDE = "314.0.7"
PYTHON = "3.14"
WHEELS = ("pydantic==2.14.4", "pydantic-core==2.50.5")
PURE = ("annotated-types", "typing-extensions", "typing-inspection")
PLATFORM = "pyemscripten_2026_0_wasm32"
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
ASSETS = ("play.js", "play.css", "icon.svg", "licenses.txt", "pyodide-worker.js")
LICENSES = f"""

Pyodide {PYODIDE}, MPL-2.0, its sources: https://github.com/pyodide/pyodide/tree/{PYODIDE}
CPython, PSF-2.0, inside of it. nndsl, pydantic and what it needs, MIT and PSF-2.0: packages.zip has
the texts.
"""
MAX_PAGES = 20_000_000  # bytes of pages and what lies beside them
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'"
)


class SiteError(Exception):
    """A site cannot be made."""


def write_site(site: Path, pages: Path | None = None) -> None:
    """Write the site into a new folder, with the pages of a folder and the data beside them.

    SiteError where the folder is there already, or npm or pip do not give what is needed.
    """
    if site.exists():
        raise SiteError(f"{site} is there already: name a new folder, or remove it")
    beside = _beside(pages) if pages else []
    with unfinished_folder(site.absolute().parent) as folder:
        made = folder / "site"
        made.mkdir()
        found = Pages(pages or made, lambda: [path for path in beside if path.suffix == ".nn"])
        write_page(made, str(first(found).get("text", "")))
        _fetch_pyodide(folder, made / "pyodide")
        _write_packages(folder, made / "packages.zip")
        with zipfile.ZipFile(made / "pages.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in beside:
                assert pages is not None
                archive.write(path, path.relative_to(pages).as_posix())
        made.chmod(0o755)
        made.rename(site)


def _beside(pages: Path) -> list[Path]:
    """Return the files of a folder and below it, but for what is hidden."""
    found = [
        path
        for path in sorted(pages.rglob("*"))
        if path.is_file()
        and not any(p[0] in "._" or p == "runs" for p in path.relative_to(pages).parts)
    ]
    if sum(path.stat().st_size for path in found) > MAX_PAGES:
        raise SiteError(f"the files in {pages} have more than {MAX_PAGES // 1_000_000} MB")
    return found


def write_page(site: Path, begins: str) -> None:
    """Write what a browser loads; the text of the first page is there before Python is."""
    for name in ASSETS:
        shutil.copy(PAGE / name, site / name)
    with (site / "licenses.txt").open("a", encoding="utf-8") as file:
        file.write(LICENSES)
    text = index()
    head = f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    text = text.replace("<html ", "<html data-static ")
    text = text.replace("<main>", f'<pre id="first" hidden>\n{escape(begins)}</pre>\n<main>')
    (site / "index.html").write_text(text.replace('<meta charset="utf-8">', head), "utf-8")


def _fetch_pyodide(folder: Path, target: Path) -> None:
    _run(["npm", "pack", "--silent", f"pyodide@{PYODIDE}"], folder)
    target.mkdir()
    with tarfile.open(folder / f"pyodide-{PYODIDE}.tgz") as archive:
        for name in (*FILES, "pyodide-lock.json"):
            file = archive.extractfile(f"package/{name}")
            assert file is not None
            (target / name).write_bytes(file.read())


def _write_packages(folder: Path, target: Path) -> None:
    """Write what Python needs into one archive: nndsl itself, and what it imports."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    platform = ["--platform", PLATFORM, "--python-version", PYTHON, "--only-binary", ":all:"]
    tags = ["--implementation", "cp", "--abi", "cp314", "--abi", "none"]
    wheels = folder / "wheels"
    _run([*pip, *platform, *tags, "--dest", str(wheels), *WHEELS, *PURE], folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in own_files():
            archive.write(path, name)
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as held:
                for name in held.namelist():
                    archive.writestr(name, held.read(name))


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SiteError(f"{command[0]} is missing, which fetches what the site needs") from None
    if done.returncode:
        raise SiteError(f"{' '.join(command[:3])} failed:\n{done.stderr.strip()}")
