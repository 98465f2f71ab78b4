"""A script as a notebook: a cell for each section, and for nbgrader one for each result."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nndsl.course.exercises.blanks import Blank
from nndsl.emit.layout import TITLE
from nndsl.languages import translated

RAISE = 'raise NotImplementedError("'
SOLUTION_BEGINS, SOLUTION_ENDS = "### BEGIN SOLUTION", "### END SOLUTION"
GUARD = 'if __name__ == "__main__":'


def notebook(script: str, name: str) -> str:
    """Return a script as a notebook. `name` is that of the script."""
    return write_notebook(_cells(script, name))


def otter_notebook(script: str, name: str, test: str) -> str:
    """Return a script as a notebook that asks Otter to run a test of its."""
    begin = code_cell("import otter\n\ngrader = otter.Notebook()")
    end = code_cell(f"grader.check({json.dumps(test)})")
    return write_notebook([begin, *_cells(script, name), end])


def nbgrader_notebook(
    script: str, name: str, blanks: Sequence[Blank], points: Mapping[str, float]
) -> str:
    """Return what nbgrader makes a student's notebook of: with solutions between its marks.

    Behind the script stands a cell for each result, which is worth points.
    """
    solution = "\n".join(_marked(script.split("\n"), blanks))
    cells = []
    for number, cell in enumerate(_cells(solution, name)):
        if SOLUTION_BEGINS in cell["source"]:
            cell["metadata"] = _about(f"section-{number}", solution=True)
        cells.append(cell)
    for item, worth in points.items():
        source = f"from exercise_checks import check\n\ncheck({json.dumps(item)})"
        cell = code_cell(source)
        grade_id = "-".join(item.split())
        cell["metadata"] = _about(grade_id, points=worth)
        cells.append(cell)
    return write_notebook(cells)


def _about(grade_id: str, *, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    """Return the metadata of a cell that nbgrader looks at."""
    about: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }
    return {"nbgrader": about if points is None else {**about, "points": points}}


def _marked(lines: Sequence[str], blanks: Sequence[Blank]) -> Iterator[str]:
    """Yield a script with blanks, with what each of them stands for between marks."""
    waiting = iter(blanks)
    for line in lines:
        code = line.lstrip()
        if not code.startswith(RAISE):
            yield line
            continue
        indent = line[: len(line) - len(code)]
        yield f"{indent}# {code[len(RAISE) :].partition(chr(34))[0]}"
        marked = f"{SOLUTION_BEGINS}\n{next(waiting).code}\n{SOLUTION_ENDS}"
        yield textwrap.indent(marked, indent)


def _cells(script: str, name: str) -> Iterator[dict[str, Any]]:
    """Yield the cells of a script: its docstring as text, then a cell for each section."""
    head, *sections = script.split(f"\n{TITLE}")
    docstring, _, imports = head.partition('"""\n')
    title, _, rest = docstring.removeprefix('"""').strip().partition("\n")
    yield text_cell(f"# {title}\n\n{rest.strip(chr(10))}".rstrip())
    yield code_cell(imports)
    beginning = f"{own_file(name)}\n"  # of the settings, whatever they are called
    for section in sections:
        title, _, code = section.partition("\n")
        yield text_cell(f"## {title.rstrip(' -')}")
        code, _, guard = code.partition(f"\n{GUARD}")
        yield code_cell(beginning + code)
        beginning = ""
        if guard:
            yield code_cell(f"{GUARD}\n    main()")


def own_file(script: str) -> str:
    """Return the line that says where a notebook lies, as a script knows of itself."""
    why = translated("notebooks have none: the data lies beside")
    return f'__file__ = "{script}"    # {why}'


def text_cell(source: str) -> dict[str, Any]:
    """Return a cell of Markdown."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code_cell(source: str) -> dict[str, Any]:
    """Return a cell of code."""
    empty: dict[str, Any] = {"metadata": {}, "execution_count": None, "outputs": []}
    return {"cell_type": "code", **empty, "source": source.strip("\n")}


def write_notebook(cells: Iterable[dict[str, Any]]) -> str:
    """Return a notebook of cells as its file."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    numbered = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    document = {
        "cells": numbered,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
