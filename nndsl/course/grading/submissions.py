"""What students hand in: scripts, notebooks, and folders of them."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from nndsl.course.exercises.notebook_code import cells_of, script_of
from nndsl.course.grading.results import CLASSROOM50, GRADESCOPE
from nndsl.explained import ExplainedError
from nndsl.source import SourceError, read_source

MAX_SCRIPT = 100_000  # characters: the longest that a page of this package gives has 20,000
MAX_NOTEBOOK = 10_000_000  # bytes, with what its cells gave
SUFFIXES = (".py", ".ipynb")
ASKED = "train"  # what is handed out, without its suffix
TELLS = "submission_metadata.json"  # of Gradescope: beside the folder of what was handed in
NOT_OF_A_STUDENT = {"__pycache__", "__MACOSX", "exercise_checks.py"}


class SubmissionError(ExplainedError):
    """What was handed in cannot be read, or is not there."""


def submissions(paths: Iterable[Path]) -> Iterator[tuple[str, Path | SubmissionError]]:
    """Yield what was handed in, each with the name that tells whose it is: a file, or why not.

    Of a folder these are its scripts and notebooks, and one of each folder in it; tests are none.
    SubmissionError where nothing is there.
    """
    for path in paths:
        if not path.is_dir():
            if not path.exists():
                raise SubmissionError(f"there is no {path}")
            yield path.name, path
            continue
        inside = [one for one in sorted(path.iterdir()) if one.is_dir() or _is_script(one)]
        inside = [one for one in inside if _is_own(one.relative_to(path))]
        if not inside:
            raise SubmissionError(f"{path} holds no script and no notebook")
        for one in inside:
            yield _of_a_folder(one) if one.is_dir() else (one.name, one)


def overlooked(paths: Iterable[Path]) -> list[Path]:
    """Return files in folders of students that are nobody's script: `anna.zip`."""
    files = (file for path in paths if path.is_dir() for file in sorted(path.iterdir()))
    return [f for f in files if not f.is_dir() and not _is_script(f) and _is_own(Path(f.name))]


def _of_a_folder(folder: Path) -> tuple[str, Path | SubmissionError]:
    """Return the script of a student's folder: `train.py` before others, and the least deep."""
    if folder.is_symlink():
        return folder.name, SubmissionError(f"{folder.name} is a link: hand in what it leads to")
    try:
        files = [file for file in sorted(folder.rglob("*")) if not file.is_dir()]
    except (RecursionError, OSError):
        return folder.name, SubmissionError("the folder cannot be read: folders in it are too deep")
    files = [file for file in files if _is_own(file.relative_to(folder))]
    names = {file: file.relative_to(folder).as_posix() for file in files}
    ranks = {f: (f.stem != ASKED, names[f].count("/")) for f in files if _is_script(f)}
    best = [file for file, rank in ranks.items() if rank == min(ranks.values())]
    if len(best) == 1:
        return folder.name if len(ranks) == 1 else f"{folder.name}/{names[best[0]]}", best[0]
    listed = ", ".join([names[file] for file in best or files][:3]) or "nothing"
    several = f"the folder holds several scripts: {listed}"
    none = f"the folder holds no script and no notebook: {listed}"
    return folder.name, SubmissionError(several if best else none)


def _is_script(file: Path) -> bool:
    return file.suffix in SUFFIXES and not file.name.startswith("test_")


def _is_own(file: Path) -> bool:
    """Is it a student's own, and not what programs leave behind? `file` within the folder."""
    return not any(part.startswith(".") or part in NOT_OF_A_STUDENT for part in file.parts)


@dataclass(frozen=True, slots=True)
class Submission:
    """A script; of a notebook also the cells that it is made of, by their numbers."""

    script: str
    cells: Mapping[int, str]


def read_submission(path: Path) -> Submission:
    """Return the script in a file: of a notebook, its cells of code. SubmissionError.

    Only what a person may have written is read: a file of this size, of text, and no link to
    what somebody else wrote.
    """
    if path.is_symlink():
        raise SubmissionError(f"{path.name} is a link: hand in what it leads to")
    if not path.exists():
        raise SubmissionError(f"{path.name} was not handed in: call it so")
    if path.suffix not in SUFFIXES:
        raise SubmissionError(f"{path.name} is neither a script (.py) nor a notebook (.ipynb)")
    try:
        if path.suffix == ".ipynb" and path.stat().st_size > MAX_NOTEBOOK:
            large = f"{path.name} is larger than {MAX_NOTEBOOK // 1_000_000} MB"
            raise SubmissionError(f"{large}: leave out what its cells gave")
        text = read_source(path, is_script=True).text
        cells = cells_of(text) if path.suffix == ".ipynb" else {}
        script = text if path.suffix == ".py" else script_of(cells)
    except SourceError as error:
        raise SubmissionError(str(error)) from None
    except ValueError:
        raise SubmissionError(f"{path} is no notebook") from None
    if len(script) > MAX_SCRIPT:
        long = f"{path.name} has {len(script):_} characters of code"
        raise SubmissionError(f"{long}, and more than {MAX_SCRIPT:_} are not read")
    return Submission(script, cells)


def handed_in_by(form: str, path: Path) -> list[str]:
    """Return the names of who handed in a file, where the platform that a form is of tells them.

    Gradescope knows people by their addresses, of which the part before the @ is a name as well.
    SubmissionError where it says something else.
    """
    if form == CLASSROOM50:
        return [os.environ["OWNER"]] if os.environ.get("OWNER") else []
    file = path.absolute().parents[1] / TELLS
    if form != GRADESCOPE or not file.exists():
        return []
    try:
        users = json.loads(file.read_text(encoding="utf-8"))["users"]
        known = [str(user.get(field) or "") for field in ("email", "sid", "name") for user in users]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise SubmissionError(f"{file} does not say who handed in") from None
    names = [*known, *(one.partition("@")[0] for one in known if "@" in one)]
    return [normalize("NFC", name) for name in names if name]
