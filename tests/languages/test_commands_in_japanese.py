"""What commands print in Japanese: every sentence has a translation, and no line is English."""

from __future__ import annotations

import pytest
from catalogues import missing

from nndsl.cli import main
from nndsl.lints.table import all_codes


def test_explanations(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = all_codes()

    def explain_all() -> None:
        for code in codes:
            main(["explain", code, "--lang", "ja"])

    lacks = missing("ja", explain_all, monkeypatch)
    citations = {code.source for code in codes.values()}  # which stay as they were published
    assert [said[:99] for said in lacks if said not in citations and "too long" not in said] == []
