"""The spec that a new user starts from."""

from pathlib import Path

TABLE_INPUT = "input(features)"  # the layer that rows of a table come in by


def starter(name: str, *, for_a_terminal: bool = True) -> str:
    """Return the text of a spec that trains well. `name` is that of the model and the file.

    Its comments name commands, unless it is not for somebody at a terminal.
    """
    text = (Path(__file__).parent / "starter.nn").read_text(encoding="utf-8")
    if not for_a_terminal:
        lines = (_without_command(line) for line in text.splitlines())
        text = "".join(f"{line}\n" for line in lines if line is not None)
    return text.replace("{name}", name)


def _without_command(line: str) -> str | None:
    """Return the line without a comment that names a command; None where nothing is left."""
    code, sign, comment = line.partition("#")
    if not sign or (comment and "nndsl " not in comment):
        return line
    return code.rstrip() or None


def estimator_page(*, of_classes: bool) -> str:
    """Return the text of a page for a table of any size: its `let` names are the sizes."""
    text = (Path(__file__).parent / "estimator.nn").read_text(encoding="utf-8")
    return text.replace("{loss}", "softmax_cross_entropy" if of_classes else "mean_squared_error")
