"""What students hand in: scripts, notebooks, and folders of them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from nndsl.course.judging.observation import notebook_code

SUFFIXES = (".py", ".ipynb")
ASKED = "train"  # what is handed out, without its suffix
NOT_OF_A_STUDENT = {"__pycache__", "__MACOSX", "exercise_checks.py"}


class SubmissionError(Exception):
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
    files = [file for file in sorted(folder.rglob("*")) if not file.is_dir()]
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


def read_submission(path: Path) -> str:
    """Return the script in a file: of a notebook, its cells of code. SubmissionError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        why = "is a link to nothing" if path.is_symlink() else "was not handed in: call it so"
        raise SubmissionError(f"{path.name} {why}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SubmissionError(f"{path} cannot be read: {error}") from None
    if path.suffix != ".ipynb":
        return text
    try:
        return notebook_code(text)
    except ValueError:
        raise SubmissionError(f"{path} is no notebook") from None
