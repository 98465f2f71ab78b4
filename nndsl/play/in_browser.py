"""What the static site runs inside the browser, where there is no server and nothing to save to."""

import json
from pathlib import Path
from typing import Any

from nndsl.play.answers import answer
from nndsl.play.files import NEW, Pages, new_page

FOLDER = Path("/pages")


def ask(method: str, request: str) -> str:
    """Return the answer to a question, both as JSON."""
    return json.dumps(_answered(method, json.loads(request)), ensure_ascii=False)


def first(pages: Pages) -> dict[str, Any]:
    """Return the page that a site begins with: its name and its text."""
    names = pages.names()
    if not names:
        return new_page()
    return pages.read(NEW if NEW in names else names[0])


def _answered(method: str, given: dict[str, Any]) -> dict[str, Any]:
    pages = Pages(FOLDER, lambda: FOLDER.rglob("*.nn"))
    if method == "start":
        return {"checksum": None, **first(pages), "pages": pages.names(), "folder": "site"}
    if method == "open":
        return pages.read(str(given.get("name")))
    return answer(method, pages.inside({"name": NEW, **given}), FOLDER)
