"""What the static site runs inside the browser, where there is no server and nothing to save to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nndsl.play.answers import answer
from nndsl.play.files import Pages
from nndsl.vocabulary.starter import starter

FOLDER = Path("/pages")
NEW = "digits.nn"


def ask(method: str, request: str) -> str:
    """Return the answer to a question, both as JSON."""
    return json.dumps(_answered(method, json.loads(request)), ensure_ascii=False)


def _answered(method: str, given: dict[str, Any]) -> dict[str, Any]:
    pages = Pages(FOLDER, lambda: FOLDER.rglob("*.nn"))
    if method == "start":
        names = pages.names()
        first = NEW if NEW in names or not names else names[0]
        page = pages.read(first) if names else {"name": NEW, "text": starter(Path(NEW).stem)}
        return {"checksum": None, **page, "pages": names, "folder": "site"}
    if method == "open":
        return pages.read(str(given.get("name")))
    return answer(method, pages.inside({"name": NEW, **given}), FOLDER)
