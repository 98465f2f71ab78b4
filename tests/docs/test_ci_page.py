"""The examples of docs/ci.md for other services hold commands that the page itself executes."""

from __future__ import annotations

import re
from pathlib import Path

from nndsl.cli.commands import COMMANDS
from nndsl.cli.formats import FORMATS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")


def blocks(kind: str) -> str:
    return "\n".join(re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def test_commands_of_other_services_are_executed_on_this_page() -> None:
    executed = re.findall(r"^\$ (.*)$", blocks("console"), re.MULTILINE)
    found = re.findall(r"^\s+- (?:run: )?(nndsl .*?)(?: \|\| true.*)?$", blocks("yaml"), re.M)
    assert len(found) >= 6
    assert set(found) <= set(executed)


def test_every_format_is_named() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(FORMATS)


def test_hooks_run_commands_that_exist() -> None:
    entries = re.findall(r"^  entry: nndsl (\w+)$", HOOKS, re.MULTILINE)
    assert entries == ["check", "fmt"]
    assert set(entries) <= set(COMMANDS)
    named = set(re.findall(r"^      - id: ([\w-]+)$", blocks("yaml"), re.MULTILINE))
    assert named == set(re.findall(r"^- id: ([\w-]+)$", HOOKS, re.MULTILINE))
