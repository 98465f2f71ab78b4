"""What the static site needs of Python: all answers, and few packages. Making it takes npm."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import nndsl
from nndsl.play.answers import METHODS
from nndsl.play.files import new_page
from nndsl.play.static import PURE, WHEELS, SiteError, write_site
from nndsl.vocabulary.starter import starter

ASKING = """
import json, sys
began = {*sys.modules}
from pathlib import Path
from nndsl.play import in_browser
in_browser.FOLDER = Path(sys.argv[1])
start = json.loads(in_browser.ask("start", "{}"))
given = {"name": start["name"], "text": start["text"], "code": "NN201", "other": start["text"]}
answers = {method: in_browser.ask(method, json.dumps(given)) for method in sys.argv[2:]}
foreign = {name.partition(".")[0] for name in {*sys.modules} - began} - set(sys.stdlib_module_names)
print(json.dumps([start, answers, sorted(foreign)]))
"""


@pytest.mark.slow
def test_the_site_answers_with_the_packages_that_it_has(tmp_path: Path) -> None:
    (tmp_path / "net.nn").write_text("network { input(4); dense(2) }\n", "utf-8")
    asking = [sys.executable, "-c", ASKING, str(tmp_path), *METHODS]
    start, answers, imported = json.loads(subprocess.check_output(asking, text=True))
    assert start["pages"] == ["net.nn"]
    assert not [method for method, text in answers.items() if "failed" in json.loads(text)]
    fetched = {name.partition("==")[0].replace("-", "_") for name in (*WHEELS, *PURE)}
    assert {name for name in imported if name[0] != "_"} <= {*fetched, "nndsl"}


def test_the_page_to_begin_with_names_no_commands_for_a_terminal() -> None:
    assert "nndsl run" in starter("digits")
    text = new_page("digits.nn")["text"]
    assert "nndsl " not in text
    assert not nndsl.check("digits.nn", text=text)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="is there already"):
        write_site(tmp_path)
