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
from nndsl.resources import own_folders, rendered
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
    asked = {"script": grading.asked, "other": grading.other}
    scripts = {
        "setup.sh": rendered("gradescope_setup.sh.jinja", nndsl=nndsl),
        "run_autograder": rendered("gradescope_run.sh.jinja", command=command, **asked),
    }
    files = {name: text.encode() for name, text in scripts.items()} | files
    return archive(files | {f"lab/{name}": data for name, data in grading.files().items()})


def classroom50_folder(grading: Grading) -> dict[str, bytes]:
    """Return what grades by a page in Classroom 50, the files of a folder. DataOutside."""
    nndsl, files = installed()
    command = json.dumps(grading.command())
    asked = {"script": grading.asked, "other": grading.other}
    said = {"points": "{0} of {1} points", "of": "{0} of {1}"}
    words = {name: json.dumps(translated(text), ensure_ascii=False) for name, text in said.items()}
    known = {"nndsl": json.dumps(nndsl), "command": command, **asked, **words}
    run = rendered("classroom50_autograder.py.jinja", **known)
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
    return rendered("github_workflow.yml.jinja", tests=tests)


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
    return rendered(
        "otter_tests.py.jinja",
        name=json.dumps(name),
        points=f"{sum(points.values()):g}",
        items=[(json.dumps(item), f"{worth:g}") for item, worth in points.items()],
    )
