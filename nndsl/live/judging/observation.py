"""What a script does: its functions are called on given numbers, and what they give is kept.

Numbers are kept in one dictionary of arrays, under names such as `point0/gradient of W1`. What
is given is there before (`point0/params/W1`), so that both can be a file of numpy's.
What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

import contextlib
import difflib
import dis
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from types import FrameType, ModuleType, TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

# --- What a script does --------------------------------------------------------------

Array = npt.NDArray[Any]
STEP = "loss_and_gradients"
LOSS_ALONE = "batch_loss"  # a function that scripts have whose gradients are differences
RETURNED = "return"  # in the place of a variable: what a function returns
ME = "self"
ESTIMATED = "estimated"  # is given where gradients are differences of the loss
MOST_CALLS = "most calls"  # of one function at a point
PASSED = "passed"  # `point0/passed/Relu.forward/1/self.x`: of a layer's forward pass, by calls
MOST_PASSED = 200  # calls of one
MADE = "made"  # `point0/made/3`: an array that was there where the training step failed
BEGIN = "begin"
DRAWN = "first weights"
LOSSES = ("loss", "penalty")
SECONDS = 5.0  # that a call may take: all are of a few examples
ALIKE_NAMES = 0.75  # share of their letters: one may be meant by the other
NUMERIC = (np.ndarray, np.number, float)
PLOTS = ("matplotlib", "matplotlib.pyplot", "japanize_matplotlib")
NUMBERS = "biuf"  # kinds of arrays that a file of numpy's holds without pickle
SINGLE = {
    "np.float32": "np.float64",
    "np.single": "np.double",
    '"float32"': '"float64"',
    "'float32'": "'float64'",
}


class Observed:
    """What a script was seen to do: arrays by name, and of what failed why, by what was called."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self.failures: dict[str, dict[str, Any]] = {}


def within(arrays: Mapping[str, Array], *names: str) -> dict[str, Array]:
    """Return the arrays whose names begin so, by the rest of their names."""
    start = "/".join((*names, ""))
    return {name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)}


def item_of(name: str) -> str:
    """Return which result an array is, or what else: of `point0/loss`, `loss`."""
    return name.split("/")[1]


def method_of(name: str) -> str:
    """Return the method of a variable, if any: of `point0/value/Dense.backward/dW`."""
    function = name.split("/")[2] if name.count("/") == 3 else ""
    return function if "." in function else ""


class Endless(BaseException):
    """A call takes too long: a script that catches each Exception does not catch this one."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise Endless after so many seconds, where the system has such a timer."""

    def late(*_: Any) -> None:
        raise Endless(f"it takes more than {seconds:g} seconds, or has no end")

    if not hasattr(signal, "setitimer") or threading.current_thread() != threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Plot(ModuleType):
    """Takes all that is asked of a plot, and draws nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> Any:
        return self

    def __getitem__(self, _: Any) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter((self, self))  # `fig, ax = plt.subplots()`


@contextlib.contextmanager
def plots_left_out() -> Iterator[None]:
    """Let a script plot, which proves nothing: no library is there for it, and no window opens."""
    before = {name: sys.modules.get(name) for name in PLOTS}
    sys.modules.update(dict.fromkeys(PLOTS, _Plot("plot")))
    try:
        yield
    finally:
        for name, module in before.items():
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module


def run_script(
    run: Callable[[str], dict[str, Any]], text: str, path: str
) -> tuple[dict[str, Any], Observed]:
    """Return the names of a script that `run` executes, and why its initial weights are not drawn.

    Of an initializer that is not written yet, the weights are zeros: the rest can be called.
    """
    observed = Observed()
    while True:
        try:
            with limited(2 * SECONDS), plots_left_out():
                return run(text), observed
        except NotImplementedError as error:
            frames = [*traceback.walk_tb(error.__traceback__)]
            frame, line = next(one for one in frames[::-1] if one[0].f_code.co_filename == path)
            lines = text.split("\n")
            if frame.f_code.co_varnames[:1] != ("shape",):
                raise
            observed.failures.setdefault(f"{BEGIN}/{DRAWN}", failure(error, path))
            indent = lines[line - 1][: -len(lines[line - 1].lstrip())]
            lines[line - 1] = f"{indent}return np.zeros(shape)"
            text = "\n".join(lines)


def observe(
    names: dict[str, Any], given: dict[str, Array], path: str, observed: Observed | None = None
) -> Observed:
    """Call the functions of a script, whose names these are, on what is given."""
    observed = observed or Observed()
    begins = names.get("params", {}) if not observed.failures else {}
    for name, p in begins.items():
        with _Called(observed, f"{BEGIN}/{DRAWN}", path):
            keep(observed, f"{BEGIN}/{DRAWN}/{name}", p)
    for where in sorted({name.partition("/")[0] for name in given}):
        if where.startswith("point"):
            _observe_point(observed, names, within(given, where), where, path)
    moved = within(given, "update")
    if moved:
        _observe_update(observed, names, moved, path)
    return observed


def _observe_point(
    observed: Observed, names: dict[str, Any], given: dict[str, Array], where: str, path: str
) -> None:
    inputs = [*within(given, "input").values()]
    arguments = [*inputs, *within(given, "target").values()]
    watch = _Watch(path)
    is_watched = ESTIMATED not in given  # thousands of calls would take seconds
    if not is_watched and LOSS_ALONE in names:  # so what the step calls is looked at by itself
        with _Called(observed, f"{where}/{LOSS_ALONE}", path, watch):
            _put(names, given)
            keep(observed, f"{where}/loss", names[LOSS_ALONE](*map(np.array, arguments)))
    with _Called(observed, f"{where}/{STEP}", path, watch if is_watched else None) as step:
        *losses, gradients = call_step(names, given)
        for title, loss in zip(LOSSES, losses):  # noqa: B905
            keep(observed, f"{where}/{title}", loss)
        for name, gradient in dict(gradients).items():
            keep(observed, f"{where}/gradient of {name}", gradient)
    shapes = {array.shape for array in within(given, "params").values()}
    for number, array in enumerate(_held_at(step.trace, path, shapes)):
        observed.arrays[f"{where}/{MADE}/{number}"] = array
    with _Called(observed, f"{where}/predict", path, watch):
        _put(names, given)
        outputs = names["predict"](*map(np.array, inputs))
        for number, output in enumerate(outputs if isinstance(outputs, tuple) else [outputs]):
            keep(observed, f"{where}/prediction/{number}", output)
    with _Called(observed, f"{where}/evaluate", path, watch):
        _put(names, given)
        weights = [given["weight"]] if "weight" in given else []  # of the examples
        results = names["evaluate"](*map(np.array, arguments + weights))
        keep(observed, f"{where}/evaluation", np.atleast_1d(results))
    observed.arrays[f"{where}/{MOST_CALLS}"] = np.array(max(watch.calls.values(), default=0))
    for call, values in watch.passed.items():
        for name, value in values.items():
            observed.arrays[f"{where}/{PASSED}/{call}/{name}"] = value
    for function, values in watch.values.items():
        for name, value in values.items():
            observed.arrays[f"{where}/value/{function}/{name}"] = value
        if function in watch.stopped:
            observed.arrays[f"{where}/stopped/{function}"] = np.array(watch.stopped[function])


def call_step(names: dict[str, Any], given: dict[str, Array]) -> Any:
    """Return what the losses and the gradients are at a point, with what is given there."""
    _put(names, given)
    arguments = [*within(given, "input").values(), *within(given, "target").values()]
    return names[STEP](*map(np.array, arguments))


def _observe_update(
    observed: Observed, names: dict[str, Any], given: dict[str, Array], path: str
) -> None:
    """Take steps of the optimizer, each with gradients that are given."""
    watch = _Watch(path)
    with _Called(observed, "update/update", path, watch):
        _put(names, given)
        update, step = names["update"], 1
        while gradients := within(given, f"step{step}"):
            watch.values.clear()  # what the last step does shows more
            copies = {name: np.array(gradient) for name, gradient in gradients.items()}
            update(*(copies, step)[: update.__code__.co_argcount])
            for name in gradients:
                keep(observed, f"update/update/{step} {name}", names["params"][name])
            step += 1
    last = next(reversed(within(given, "step1")), None)  # None: nothing has weights
    for title, held in [*names.items()]:  # what the optimizer remembers of the last parameter
        value = held.get(last) if isinstance(held, dict) else None
        if title not in ("params", "state") and isinstance(value, np.ndarray):
            observed.arrays[f"update/value/update/{title}"] = np.array(value)
    for name, value in watch.values.get("update", {}).items():
        observed.arrays[f"update/value/update/{name}"] = value


def _put(names: dict[str, Any], given: dict[str, Array]) -> None:
    """Let a script stand where it is said to: its parameters, its states, its random streams."""
    for kind in ("params", "state"):
        for name, value in within(given, kind).items():
            held = names[kind].get(name)
            if isinstance(held, np.ndarray) and held.shape == value.shape:
                held[...] = value
            else:
                names[kind][name] = np.array(value)
    for name, value in [*names.items()]:
        if isinstance(value, np.random.Generator):
            names[name] = np.random.default_rng([int(given["seed"]), *name.encode()])


def keep(observed: Observed, name: str, value: Any) -> None:
    """Keep an array of numbers. TypeError: it is none."""
    array = np.array(value)
    if array.dtype.kind not in NUMBERS:
        what = "complex" if array.dtype.kind == "c" else f"a {type(value).__name__}"
        raise TypeError(f"{name.partition('/')[2]} is {what}, and no array of numbers")
    observed.arrays[name] = array


class _Called:
    """Keeps why a call failed, whatever it raises, and lets a watch look at it."""

    def __init__(self, observed: Observed, what: str, path: str, watch: Any = None) -> None:
        self.observed, self.what, self.path, self.watch = observed, what, path, watch
        self.trace: TracebackType | None = None  # of a call that failed

    def __enter__(self) -> Self:
        function = self.what.partition("/")[2]
        known = [f for what, f in self.observed.failures.items() if what.endswith(f"/{function}")]
        was_endless = any(failed["kind"] == Endless.__name__ for failed in known)
        self.limit = limited(SECONDS / 20 if was_endless else SECONDS)
        self.limit.__enter__()
        sys.setprofile(self.watch)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        sys.setprofile(None)
        self.limit.__exit__(None, None, None)
        if error is not None:
            self.observed.failures[self.what] = failure(error, self.path)
            self.trace = error.__traceback__
        return True


def _held_at(
    trace: TracebackType | None, path: str, shapes: Collection[tuple[int, ...]]
) -> Iterator[Array]:
    """Yield arrays of these shapes that a script holds where it failed: in calls and objects."""
    frames = [frame for frame, _ in traceback.walk_tb(trace) if frame.f_code.co_filename == path]
    left: list[Any] = [value for frame in frames for value in frame.f_locals.values()]
    left += frames[0].f_globals.values() if frames else ()
    known: set[int] = set()
    while left:
        value = left.pop()
        if id(value) in known:
            continue
        known.add(id(value))
        if isinstance(value, np.ndarray):
            if value.shape in shapes and value.dtype.kind in NUMBERS:
                yield np.array(value)
        elif isinstance(value, dict | list | tuple):
            left += value.values() if isinstance(value, dict) else value
        elif type(value).__module__ == frames[0].f_globals.get("__name__"):
            left += getattr(value, "__dict__", {}).values()


def failure(error: BaseException, path: str) -> dict[str, Any]:
    """Return what there is to say of an error: its text, and where in the script it was raised."""
    walked = [*traceback.walk_tb(error.__traceback__)]  # which reads no file
    own = [(frame, line) for frame, line in walked if frame.f_code.co_filename == path]
    lines = [line for _, line in own]
    line = lines[-1] if lines else getattr(error, "lineno", None)
    kind = type(error).__name__
    says = f"{kind}: {error}".rstrip(": ")
    if isinstance(error, SyntaxError):
        unclosed = re.fullmatch("'(.)' was never closed", error.msg)
        says = f"{unclosed[1]} is never closed" if unclosed else f"it is no Python: {error.msg}"
    if isinstance(error, NameError) and own:
        says = _unknown_name(says, own[-1][0])
    if isinstance(error, Endless):
        says = str(error)
    if isinstance(error, KeyError) and not lines:  # it was looked for here
        says = f"there is no `{error.args[0]}`"
    function = own[-1][0].f_code.co_qualname if own else ""
    return {"kind": kind, "says": says[:1000], "line": line, "function": function}


def _unknown_name(says: str, frame: FrameType) -> str:
    """Say in words that there is no such variable, or not yet, and which may be meant."""
    name = next(iter(re.findall(r"'(\w+)'", says)), "")
    if says.startswith("UnboundLocalError: cannot access local"):
        return f"{name} is used before it is given a value"
    if says != f"NameError: name '{name}' is not defined":
        return says
    known = {one.lower(): one for one in (*frame.f_globals, *frame.f_locals)}
    alike = difflib.get_close_matches(name.lower(), known, 1, ALIKE_NAMES)
    meant = f"; did you mean {known[alike[0]]}?" if alike else ""
    return f"there is no variable {name}{meant}"


class _Watch:
    """Keeps what the variables of a script's functions are when they first return, and that."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.values: dict[str, dict[str, Array]] = {}
        self.passed: dict[str, dict[str, Array]] = {}
        self.stopped: dict[str, int] = {}  # the lines of errors that functions ended by
        self.calls: dict[str, int] = {}  # how often each returned

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "return":  # which most are not, and to look at a frame takes long
            return
        code = frame.f_code
        name = code.co_qualname
        if code.co_filename != self.path:
            return
        self.calls[name] = self.calls.get(name, 0) + 1
        is_layer = name.endswith(".forward") and self.calls[name] <= MOST_PASSED
        if "<" in name or (name in self.values and not is_layer):
            return
        held = {**variables_of(frame), RETURNED: argument}
        if isinstance(argument, tuple) and name != STEP:
            held |= {f"{RETURNED}[{at}]": one for at, one in enumerate(argument)}
        for title, value in [*held.items()] if is_layer else ():
            if title.startswith(f"{ME}.") and isinstance(value, tuple):
                held |= {f"{title}[{at}]": one for at, one in enumerate(value)}
        given = code.co_varnames[: code.co_argcount]  # whole numbers among these are sizes
        arrays = {
            variable: np.array(value)
            for variable, value in held.items()
            if isinstance(value, NUMERIC) or (variable in given and isinstance(value, int))
            if (array := np.asarray(value)).size and array.dtype.kind in NUMBERS
        }
        if is_layer:
            self.passed[f"{name}/{self.calls[name]}"] = arrays
        if name in self.values:
            return
        if not returns(frame):
            self.stopped[name] = frame.f_lineno
        nothing = {RETURNED: np.zeros(0)} if argument is None and returns(frame) else {}
        self.values[name] = nothing | arrays


def variables_of(frame: FrameType) -> dict[str, Any]:
    """Return what the variables of a call are, of a method also what its object holds."""
    held = {**frame.f_locals}
    if frame.f_code.co_varnames[:1] == (ME,):
        own = getattr(held.get(ME), "__dict__", {})
        held |= {f"{ME}.{key}": kept for key, kept in own.items()}
    return held


def returns(frame: FrameType) -> bool:
    """Does a function end by itself, and not by an error?"""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")


def in_double(text: str) -> str:
    """Return a script that computes in float64, as the tests do: rounding hides no mistake."""
    for single, double in SINGLE.items():
        text = text.replace(single, double)
    return text
