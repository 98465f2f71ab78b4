"""The generated pages say what the code says. `pytest --update-golden` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reference_pages import errors_page, vocabulary_page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("name", "page"), [("vocabulary.md", vocabulary_page), ("errors.md", errors_page)]
)
def test_the_page_is_up_to_date(
    name: str, page: Callable[[], str], pytestconfig: pytest.Config
) -> None:
    text, path = page(), DOCS / name
    if pytestconfig.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text, "pytest tests/docs --update-golden"
