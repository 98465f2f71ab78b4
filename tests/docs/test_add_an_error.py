"""The code of `docs/add-an-error.md` is the one of the package, and stands where the page says."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import nndsl.codes
from nndsl.codes import GROUPS
from nndsl.codes.code import Code, network

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "add-an-error.md").read_text("utf-8")


def test_the_entry_is_that_of_the_package() -> None:
    found = re.search(r"^```python\n( +Code\(.*?)^```$", PAGE, re.M | re.S)
    assert found is not None
    (entry,) = eval(f"({found[1].strip()})", {"Code": Code, "network": network})
    assert nndsl.codes.codes_of_errors()[entry.name] == entry
    assert f"tests/golden/diagnostics/{entry.name}_division_by_zero.nn" in PAGE
    assert (ROOT / "tests/golden/diagnostics" / f"{entry.name}_division_by_zero.nn").exists()


def test_a_module_has_the_codes_of_its_hundred_in_their_order() -> None:
    for group in GROUPS:
        names = [code.name for code in import_module(f"nndsl.codes.{group}").CODES]
        (hundred,) = {name[:3] for name in names}
        assert names == sorted(names)
        assert re.search(rf"`{group}`( has)? {hundred}\.\.", PAGE)
