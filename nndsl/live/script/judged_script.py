"""A script that a person edited, run as the page's is: what it returns may be anything."""

from collections.abc import Mapping
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np

from nndsl.ir import Literal, Name, Operation
from nndsl.ir.parser import parse_script, replace_name
from nndsl.ir.statement import bound_names, statement
from nndsl.ir.tree import places
from nndsl.live.gradients.executable import Executable, Point
from nndsl.live.gradients.parsed_script import FUNCTION
from nndsl.live.gradients.report import Property
from nndsl.live.script.confinement import Flood, Forbidden

TITLE = "the script runs"


class Misfit(ValueError):
    """What `loss_and_gradients` returns is not what it should be. `help`: the way out."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


class JudgedScript(Executable):
    """The script as a function of points. `unusable` says of gradients why they are none."""

    def __init__(self, text: str, path: str, losses: int) -> None:
        self.count = losses
        self.unusable: dict[str, str] = {}
        super().__init__(text, path, holds_arrays=True)  # its objects, if it has any

    @cached_property
    def single(self) -> Executable:
        """The same script in float32."""
        text = replace_name(self.text, "np.float64", "np.float32")
        return JudgedScript(text, self.path, self.count)

    def __call__(self, point: Point) -> Any:
        """Return (loss, …, gradients) at a point, those that are numbers. Misfit."""
        names, params = self.names, self.names["params"]
        for name, value in point.values.items():
            if name in point.inputs:
                continue
            held = params.get(name)
            if isinstance(held, np.ndarray) and (held.dtype, held.shape) == (
                value.dtype,
                value.shape,
            ):
                held[...] = value  # objects may hold it
            else:
                params[name] = value.copy()
        for name, value in point.state.items():
            names["state"][name][...] = value
        self.seed(point.seed)
        return self._read(names[FUNCTION](*map(np.array, point.arguments)))

    def _read(self, returned: Any) -> Any:
        wanted = ", ".join(["loss", *["penalty"] * (self.count - 1), "gradients"])
        help = f"let it end in `return {wanted}`"
        if not isinstance(returned, tuple | list) or len(returned) != self.count + 1:
            what = _kind(returned)
            if isinstance(returned, tuple | list):
                what = f"{len(returned)} values"
            raise Misfit(f"it returns {what}, and should return ({wanted})", help)
        *losses, gradients = returned
        for title, loss in zip(("loss", "penalty"), losses, strict=False):
            said = _misfit(loss)
            if not said and np.size(loss) != 1:
                said = f"an array of {' x '.join(map(str, np.shape(loss)))} numbers"
            if said:
                help = f"the {title} of a batch is one number: a mean over its examples"
                raise Misfit(f"the {title} is {said}, and should be one number", help)
        if not isinstance(gradients, Mapping):
            help = 'the gradients are a dictionary: {"W1": dW1, …}'
            raise Misfit(f"the gradients are {_kind(gradients)}, and should be a dictionary", help)
        self.unusable = {name: _misfit(g) for name, g in gradients.items() if _misfit(g)}
        usable = {n: np.array(g) for n, g in gradients.items() if n not in self.unusable}
        return *(float(np.reshape(loss, ())) for loss in losses), usable


def _misfit(value: Any) -> str:
    """Say what a value is that is no array of real numbers; empty: it is one."""
    if value is None or isinstance(value, str):
        return _kind(value)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return f"{_kind(value)} of rows that have different lengths"
    if array.dtype.kind == "c":
        return "complex"
    return "" if array.dtype.kind in "biuf" else f"{_kind(value)} that holds no numbers"


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, Number):
        return "a number"
    word = {dict: "dictionary", np.ndarray: "array", str: "text"}.get(type(value))
    word = word or type(value).__name__
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def failure(error: BaseException, line: int | None, text: str) -> Property:
    """Return what there is to say of a script that fails, with the way out."""
    message = f"{type(error).__name__}: {error}".rstrip(": ")
    help = ""
    match error:
        case Misfit(help=help):
            message = str(error)
        case SyntaxError():
            message = f"it is no Python: {error.msg}"
            help = "Python stops reading there: look at the line before it, too"
        case ModuleNotFoundError(name=str(name)):
            message = f"it imports `{name}`, which is not there"
            help = "a script needs numpy and the standard library: leave it out, or install it"
        case SystemExit():
            message = "it ends the program"
            help = "leave out what ends it: a function returns, and an error is raised"
        case EOFError() | KeyboardInterrupt():
            help = "nobody is there to answer: leave out `input`"
        case MemoryError():
            message = f"it needs more memory than it may have. {error}".rstrip(". ")
            help = "shapes that do not fit each other spread to large ones; --memory allows more"
        case Flood():
            message, help = str(error), "a loop prints in each round, or has no end"
        case Forbidden():
            message, help = str(error), "leave it out: a script trains in the process that runs it"
        case RecursionError():
            message = "a function calls itself without end"
        case NotImplementedError():
            help = "it is not written yet"
        case NameError(name=str(name)):
            help = f"assign `{name}` before this line, or mend how it is spelt"
    message = f"{message[:1].upper()}{message[1:]}"
    return Property(TITLE, False, message, line=line, code=code_at(text, line), help=help)


def code_at(text: str, line: int | None) -> str:
    """Return the code of a line of a script, without its comment."""
    lines = text.split("\n")
    return lines[line - 1].split("  #")[0].strip() if line and line <= len(lines) else ""


def line_of_gradient(text: str, name: str) -> int | None:
    """Return the line that makes what is returned as the gradient of a parameter.

    That is told from the names in the script; left out, it is where the function returns.
    """
    lines = text.split("\n")
    inside = next((d for d in parse_script(text) if d.name == FUNCTION and d.body), None)
    if inside is None:
        return None
    last = inside.body[-1]
    variable, line = f"d{name}", None
    for part, _ in places(last.node):
        match part:
            case Operation("pair", (Literal(key), value)) if key == name:
                variable, line = (value.id if isinstance(value, Name) else ""), last.numbers[0]
    made = [line.numbers[0] for line in inside.body if variable in bound_names(line.node)]
    if made and variable in statement(last.node).reads:
        return made[-1]
    keys = (f'"{name}"', f"'{name}'", f"{name}=")
    named = (n for n in inside.numbers if any(key in lines[n - 1] for key in keys))
    return line or next(named, last.numbers[0]) if name else last.numbers[0]


def is_in(text: str, line: int, name: str) -> bool:
    """Does a line of a script stand in a function of this name? `<module>`: in none."""
    around = [d for d in parse_script(text) if line in d.numbers]
    around += [method for d in around for method in d.methods if line in method.numbers]
    return any(d.name == name for d in around) or name == "<module>"
