"""What other programs need to grade exercises and hunts, in the forms that their owners define."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nndsl.analysis.imports import self_contained
from nndsl.course.grading.own_wheel import archive, installed
from nndsl.emit.script import Script
from nndsl.explained import ExplainedError
from nndsl.interchange import command_line
from nndsl.languages import language_option, translated
from nndsl.resources import own_folders
from nndsl.source import Source

GRADESCOPE, GITHUB, CLASSROOM50, NBGRADER, OTTER = PLATFORMS = (
    "gradescope",
    "github",
    "classroom50",
    "nbgrader",
    "otter",
)
OF_HUNTS = (GRADESCOPE, CLASSROOM50)  # those that tell who hands in, and keep what is right
POINTS, HUNT = "points", "hunt"  # options of `nndsl grade`, each with a file of that name
TEST_SECONDS = 300  # a test of Classroom 50 may run
SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image. nndsl gets an environment of its
# own: the system's Python is needed by Gradescope itself, as it is.
set -euo pipefail
cd "$(dirname "$0")"

fails() {{
  echo "setup.sh: $1" >&2
  exit 1
}}

python=
for package in "" python3-venv python3.11-venv; do    # the image's own Python, or another beside it
  [ -z "$package" ] || apt-get install -y --no-install-recommends "$package" || continue
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$name
      break 2
    fi
  done
done
[ -n "$python" ] || fails "nndsl needs Python 3.11 or later, and apt-get has none for this image: \
choose Ubuntu 22.04 or later as the base image, under Configure Autograder"

"$python" -m venv venv
venv/bin/python -m pip install {nndsl} || fails "pip could not install nndsl, and says why above"
"""
RUN = """\
#!/usr/bin/env bash
# Gradescope puts this into /autograder, and runs it there for each submission.
set -uo pipefail
autograder="${{AUTOGRADER:-/autograder}}"
mkdir -p "$autograder/results"
cd "$autograder/source/lab"
script="$autograder/submission/{script}"
if [ ! -e "$script" ] && [ -e "${{script%.*}}{other}" ]; then script="${{script%.*}}{other}"; fi
"$autograder/source/venv/bin/"{command} --format gradescope "$script" \
  > "$autograder/results/results.json"
code=$?
[ "$code" -le 1 ] && exit 0
exit "$code"
"""
AUTOGRADER = '''\
"""Classroom 50 runs this in what a student handed in, and shows what it writes: result.json and,
for the student, release-body.md."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import indent

here, script = Path(__file__).resolve().parent, Path("{script}").absolute()
for own in Path().glob("*/{script}"):  # of a hunt each student has a folder
    if own.parent.name.casefold() == os.environ["OWNER"].casefold():
        script = own.absolute()
if not script.exists() and script.with_suffix("{other}").exists():
    script = script.with_suffix("{other}")
install = [sys.executable, "-m", "pip", "install", "--quiet", {nndsl}]
subprocess.run(install, cwd=here, check=True)
command = [sys.executable, "-m", *{command}]
with open("result.json", "wb") as result:
    grade = [*command, "--format", "classroom50", str(script)]
    code = subprocess.run(grade, cwd=here, stdout=result).returncode
if code <= 1:
    graded = json.loads(Path("result.json").read_text(encoding="utf-8"))
    said = ["### " + {points}.format(graded["score"], graded["max-score"])]
    for test in graded["tests"]:
        got = {of}.format(test["score"], test["max-score"])
        said.append(f"**{{test['test-name']}}**: {{got}}")
        if test["output"]:
            said.append(indent(test["output"], "    "))  # code, in Markdown, whatever it says
    Path("release-body.md").write_text("\\n\\n".join(said) + "\\n", encoding="utf-8")
sys.exit(code if code > 1 else 0)  # 1 says that a point was lost
'''
WORKFLOW = """\
name: exercise
on: [push, pull_request]
permissions:
  contents: read
jobs:
  tests:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install numpy pytest
      - run: python -m pytest {tests}
"""


class DataOutside(ExplainedError):
    """The data of a page lie where no copy of its folder has them."""

    code = 1


@dataclass(frozen=True, slots=True)
class Grading:
    """What grades by a page, elsewhere: the page has its words in it."""

    source: Source
    settings: Mapping[str, str]
    script: Script
    asked: str  # the file that students hand in, a script or a notebook
    given: str  # an option, what it is graded by: POINTS of an exercise, HUNT
    key: str  # the content of that file

    def command(self) -> list[str]:
        """Return the words of the command that grades, in the folder of `files`."""
        given = [word for setting in self.settings.items() for word in ("--set", "=".join(setting))]
        key = [f"--{self.given}", f"{self.given}.json"]
        return ["nndsl", "grade", self._page, *key, *given, *language_option()]

    def files(self) -> dict[str, bytes]:
        """Return what the command reads, by name. DataOutside."""
        files = {
            self._page: self_contained(self.source).text.encode(),
            f"{self.given}.json": self.key.encode(),
        }
        folder = self.source.folder.resolve()
        for path in _own_data(self.source, self.script):
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
        return files

    @property
    def other(self) -> str:
        """The suffix that is handed in as well: of a script for a notebook, or the reverse."""
        return ".py" if self.asked.endswith(".ipynb") else ".ipynb"

    @property
    def _page(self) -> str:
        return f"page{self.source.suffix}"


def graders(platforms: Sequence[str], grading: Grading) -> dict[str, bytes]:
    """Return what platforms grade with by the page, each for its teacher. DataOutside."""
    files = {}
    if CLASSROOM50 in platforms:
        own = classroom50_folder(grading)
        files = {f"{CLASSROOM50}/{name}": data for name, data in own.items()}
    if GRADESCOPE in platforms:
        files[f"{GRADESCOPE}.zip"] = gradescope(grading)
    return files


def gradescope(grading: Grading) -> bytes:
    """Return the zip file that a teacher uploads to Gradescope. DataOutside."""
    nndsl, files = installed()
    command = command_line(grading.command())
    run = RUN.format(command=command, script=grading.asked, other=grading.other)
    scripts = {"setup.sh": SETUP.format(nndsl=nndsl), "run_autograder": run}
    files = {name: text.encode() for name, text in scripts.items()} | files
    return archive(files | {f"lab/{name}": data for name, data in grading.files().items()})


def classroom50_folder(grading: Grading) -> dict[str, bytes]:
    """Return what grades by a page in Classroom 50, the files of a folder. DataOutside."""
    nndsl, files = installed()
    command = json.dumps(grading.command())
    asked = {"script": grading.asked, "other": grading.other}
    said = {"points": "{0} of {1} points", "of": "{0} of {1}"}
    words = {name: json.dumps(translated(text), ensure_ascii=False) for name, text in said.items()}
    run = AUTOGRADER.format(nndsl=json.dumps(nndsl), command=command, **asked, **words)
    return {"autograder.py": run.encode()} | files | grading.files()


def _own_data(source: Source, script: Script) -> list[Path]:
    """Return the files of data that lie in the folder of a page: others come with nndsl.

    DataOutside where one does neither.
    """
    folder, with_nndsl = source.folder.resolve(), [one.resolve() for one in own_folders()]
    paths = [file.path.resolve() for file in script.files.values() if file.path.exists()]
    own = [path for path in paths if not any(map(path.is_relative_to, with_nndsl))]
    for path in own:
        if not path.is_relative_to(folder):
            wrong = f"{path} is not in the folder of the page, and would be left out"
            raise DataOutside(wrong, "move it beside the page")
    found = [one for path in own for one in (path.rglob("*") if path.is_dir() else [path])]
    return [one for one in found if one.is_file()]


def workflow(tests: str) -> str:
    """Return a workflow for GitHub, which runs the tests of an exercise at each push."""
    return WORKFLOW.format(tests=tests)


def classroom50(tests: str, items: Sequence[str]) -> str:
    """Return the `tests.json` of Classroom 50: a test for each result, worth a point."""
    listed = [
        {
            "name": item,
            "type": "run",
            "setup": "python -m pip install numpy pytest",
            "run": command_line(["python", "-m", "pytest", "-q", f"{tests}::test_result[{item}]"]),
            "points": 1,
            "timeout": TEST_SECONDS,
        }
        for item in items
    ]
    return json.dumps({"schema": "classroom50/tests/v1", "tests": listed}, indent=2) + "\n"


def otter(points: Mapping[str, float], name: str) -> str:
    """Return the file of tests that Otter runs: one for each result."""
    lines = ["OK_FORMAT = False", "", "from otter.test_files import test_case", ""]
    lines += [f"name = {json.dumps(name)}", f"points = {sum(points.values()):g}", ""]
    for number, (item, worth) in enumerate(points.items(), 1):
        lines += [
            "",
            f"@test_case(name={json.dumps(item)}, points={worth:g}, hidden=False)",
            f"def test_{number}(env):",
            "    from exercise_checks import check",
            "",
            f'    check({json.dumps(item)}, env["In"])',
            "",
        ]
    return "\n".join(lines)
