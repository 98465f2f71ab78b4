"""Pages that once made a question fail."""

from __future__ import annotations

import pytest

from nndsl.assistance.completion import completions
from nndsl.assistance.page import Page
from nndsl.source import Source


@pytest.mark.parametrize("text", ["= ", "network {\n  = ", "(", "}", '"', "a.b = ("])
def test_something_is_offered_or_nothing(text: str) -> None:
    page = Page(Source("page.nn", text))
    for offset in range(len(text) + 1):
        assert len({one.name for one in completions(page, offset)}) == len(
            completions(page, offset)
        )
