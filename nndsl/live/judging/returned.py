"""What functions return backward, where no gradient of a weight tells whether it is right.

Nobody uses what the first layers return. And of equal numbers a pool may choose any as the largest,
the first, the last, or let them share: what all right ways have in common is the mean.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from nndsl.live.execute import execute
from nndsl.live.judging.checks import RETURN_VALUE, evened, rows_of
from nndsl.live.judging.keys import VALUE, Variable, by_key
from nndsl.live.judging.observation import RETURNED, Array, call_step, item_of, observe, within
from nndsl.live.judging.tracing import POINT
from nndsl.program.parts import BACKWARD, FORWARD

NAME = "reference.py"
NUDGES = 3
NUDGED = 1e-9  # how far: it makes numbers that are equal different
MOVES = 1e-6  # of the largest number: what moves by more was decided by a nudge
NOTHING = 1e-9  # what is less is what rounding left
Call = Callable[..., Any]
Returned = tuple[str, str, str]  # where, by which function, and which of its values


def forward_of(name: str) -> str:
    """Return the function whose backward pass a function is. Empty: it is none."""
    of, _, method = name.rpartition(".")
    if of:
        return f"{of}.{FORWARD}" if method == BACKWARD else ""
    forward = name.removesuffix(f"_{BACKWARD}")
    return forward if forward != name else ""


def with_equal_numbers(given: Mapping[str, Array]) -> dict[str, Array]:
    """Return what is given, with equal numbers in the first half of the first example's images."""
    made = dict(given)
    for key, array in given.items():
        if item_of(key) == "input" and array.ndim > 1:
            example = np.array(array[0])
            rows = example if array.ndim > 2 else example[:, None]
            rows[..., : max(1, rows.shape[-2] // 2), :] = rows[..., :1, :1]
            made[key] = np.concatenate([example[None], array[1:]])
    return made


def decided_by_ties(
    text: str,
    given: Mapping[str, Array],
    functions: Collection[str],
    nudged: Collection[str] | None = None,
) -> dict[Returned, Array]:
    """Return of which examples a value moves where a nudge makes equal numbers different.

    `nudged` are the functions of the backward pass that choose otherwise then; left out, all.
    Empty: of none. None has a value whose sum over an example moves, too, as that of a corner does.
    """
    right = _returned(text, given, functions)
    found = {key: np.zeros(len(array), bool) for key, array in right.items() if array.ndim > 1}
    for number in range(NUDGES if right else 0):
        rng = np.random.default_rng(number)
        again = _returned(text, given, functions, rng, functions if nudged is None else nudged)
        for key in [*found]:
            array, moved = rows_of(right[key]), rows_of(again[key]) - rows_of(right[key])
            size = np.abs(array).max()
            found[key] |= np.abs(moved).max(axis=1) > MOVES * max(size, NOTHING)
            if (np.abs(moved.sum(axis=1)) > MOVES * np.abs(array).sum(axis=1).max()).any():
                del found[key]
    return found


def returned_unseen(
    text: str, given: dict[str, Array], functions: Collection[str]
) -> dict[str, Array]:
    """Return what functions return of which no gradient tells: `point0/return value of f/return`.

    Where ties decide it, each number is the mean of its example.
    """
    ties = decided_by_ties(text, given, functions)
    moved = {function for (_, function, _), moves in ties.items() if moves.any()}
    chooses = {one for one in moved if _first_moved(text, given, functions, one) == one}
    found: dict[str, Array] = {}
    for (where, function, name), array in _returned(text, given, functions).items():
        moves = ties.get((where, function, name))
        is_held = function in chooses or _is_unseen(text, given, (function, name))
        if moves is not None and is_held:
            found[f"{where}/{RETURN_VALUE}{function}/{name}"] = evened(array, moves)
    return found


def _first_moved(
    text: str, given: Mapping[str, Array], functions: Collection[str], nudged: str
) -> str:
    """Return the function that is the first, backward, to choose otherwise where one is nudged."""
    ties = decided_by_ties(text, given, functions, [nudged])
    return next((function for (_, function, _), moves in ties.items() if moves.any()), "")


def _returned(
    text: str,
    given: Mapping[str, Array],
    functions: Collection[str],
    rng: np.random.Generator | None = None,
    those: Collection[str] = (),
) -> dict[Returned, Array]:
    """Return what functions return at points, the inputs of `those` nudged by a generator."""
    names = execute(text, NAME)
    backward = [name for name in functions if forward_of(name) in functions]
    if not backward:
        return {}

    def nudged(value: Any) -> Any:
        is_moved = isinstance(value, np.ndarray) and value.dtype.kind == "f"
        return value + NUDGED * rng.standard_normal(value.shape) if rng and is_moved else value

    for name in (name for name in backward if name in those):
        _put(
            names,
            forward_of(name),
            lambda was: lambda *given, **named: was(*map(nudged, given), **named),
        )
    arrays = by_key(observe(names, dict(given), NAME).arrays)
    return {
        (key.where, *key.variable): array
        for key, array in arrays.items()
        if key.state == VALUE
        and key.function in backward
        and key.name.startswith(RETURNED)
        and array.size
    }


def _is_unseen(text: str, given: Mapping[str, Array], variable: Variable) -> bool:
    """Is every gradient the same if a function returns twice as much?"""
    function, name = variable
    number = int(name.strip(f"{RETURNED}[]") or -1)

    def doubled(value: Any) -> Any:
        if name == RETURNED:
            return 2 * value
        return tuple(2 * one if at == number else one for at, one in enumerate(value))

    names = execute(text, NAME)
    _put(names, function, lambda was: lambda *given, **named: doubled(was(*given, **named)))
    *_, right = call_step(execute(text, NAME), within(given, POINT))
    *_, gradients = call_step(names, within(given, POINT))
    return all(np.array_equal(gradients[one], right[one]) for one in right)


def _put(names: dict[str, Any], function: str, made: Callable[[Call], Call]) -> None:
    """Put something else in the place of a function of a script, or of a method."""
    of, _, method = function.rpartition(".")
    if of:
        setattr(names[of], method, made(getattr(names[of], method)))
    else:
        names[function] = made(names[function])
