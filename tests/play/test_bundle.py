"""The JavaScript of the page is in the repository as it was built, and was built of its sources."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "nndsl" / "play" / "page"
LIMIT = 700_000  # bytes of all that a browser loads


def test_the_bundle_is_that_of_its_sources() -> None:
    tool = runpy.run_path(str(ROOT / ".ci" / "bundle"), run_name="bundle")
    with (PAGE / "play.js").open(encoding="utf-8") as file:
        head = file.readline()
    assert tool["checksum"]() in head, "run .ci/bundle: nndsl/play/web was changed"


def test_the_page_is_small_and_asks_nobody_else() -> None:
    loaded = [path for path in PAGE.iterdir() if path.suffix in {".html", ".css", ".js", ".svg"}]
    assert sum(path.stat().st_size for path in loaded) < LIMIT
    for path in loaded:
        text = path.read_text("utf-8").replace("http://www.w3.org/", "")
        if path.suffix != ".js":  # messages of CodeMirror name its site
            assert "http" not in text
    licenses = (PAGE / "licenses.txt").read_text("utf-8")
    assert "@codemirror/view" in licenses
    assert "Permission is hereby granted" in licenses
