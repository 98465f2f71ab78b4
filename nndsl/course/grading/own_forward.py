"""Gradients of a forward pass that is wrong: the page's backward pass, on the values of a script.

So one wrong line of the forward pass does not cost the points of a backward pass that is right.
"""

import ast
import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import numpy as np

from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.judging.differences import Differences
from nndsl.live.judging.keys import VALUE
from nndsl.live.judging.observation import (
    ME,
    PASSED,
    RETURNED,
    STEP,
    Array,
    Observed,
    item_of,
    observe,
    within,
)
from nndsl.live.judging.reference import Reference
from nndsl.program.parts import FORWARD, LOSS

GIVEN = "_values_of_the_script"  # a variable in the script of the page
NAME = "reference.py"


class OwnForward:
    """Judges gradients by what a script's own forward pass gave."""

    def __init__(self, reference: Reference, expected: dict[str, Array]) -> None:
        """`expected` is what the script of the page gives."""
        self._expected = expected
        self._text = _with_values(in_float64(reference.script.text), _forward_of(reference))

    def right(self, items: list[str], observed: Observed) -> list[str]:
        """Return those of some gradients that follow rightly from values that are wrong.

        A gradient that is zero where it should not be follows from nothing.
        """
        names = execute(self._text, NAME)
        known: dict[str, Array] = {}
        originals: dict[str, Callable[..., Any]] = {}  # forward passes of layers
        for where in dict.fromkeys(key.partition("/")[0] for key in self._expected):
            right = within(self._expected, where, VALUE, STEP)
            own = within(observed.arrays, where, VALUE, STEP)
            layers = within(observed.arrays, where, PASSED)
            for title, held in [*names.items()]:
                if isinstance(held, type) and "forward" in vars(held):
                    forward = originals.setdefault(title, vars(held)["forward"])
                    kept: Any = held
                    kept.forward = _passing(forward, within(layers, f"{title}.forward"))
            names[GIVEN] = {
                n: a for n, a in own.items() if n in right and a.shape == right[n].shape
            }
            if where.startswith("point"):
                given = {n: a for n, a in self._expected.items() if n.startswith(f"{where}/")}
                known |= observe(names, given, NAME).arrays
        differences = Differences(self._expected | known)

        def follows(key: str, item: str) -> bool:
            actual, right = observed.arrays.get(key), known.get(key)
            if actual is None or right is None or not np.isfinite(right).all():
                return False
            is_lost = self._expected[key].any() and not right.any()
            return not is_lost and not differences.said(key, item, actual)

        keys = {one: [k for k in self._expected if item_of(k) == one] for one in items}
        return [one for one in items if all(follows(key, one) for key in keys[one])]


def _forward_of(reference: Reference) -> set[str]:
    """Return what the forward pass of the training step writes, up to the loss."""
    training = reference.program.training
    assert training is not None
    step = training.loss_and_gradients.statements
    passed = [made for made in step if made.section.part in (FORWARD, LOSS)]
    return {name for made in passed for name in made.writes}


def _with_values(text: str, names: set[str]) -> str:
    """Return a script whose training step takes the values of some names as given, if they are."""
    tree = ast.parse(text)
    (step,) = (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == STEP)
    body: list[ast.stmt] = []
    for made in step.body:
        match made:
            case ast.Assign([ast.Name(name) as target], value) if name in names:
                pass
            case ast.AugAssign(ast.Name(name) as target, op, value) if name in names:
                value = ast.BinOp(ast.Name(name), op, value)
            case _:
                body.append(made)
                continue
        taken = ast.parse(f"{GIVEN}.get({name!r})", mode="eval").body
        assert isinstance(taken, ast.Call)
        taken.args.append(value)
        body.append(ast.Assign([target], taken, lineno=made.lineno))
    step.body = body
    return ast.unparse(tree)


def _passing(forward: Callable[..., Any], values: Mapping[str, Array]) -> Callable[..., Any]:
    """Return the forward pass of a layer that gives and holds these values, call by call."""
    calls = count(1)

    def passed(layer: Any, *given: Any) -> Any:
        held = vars(layer)
        held[RETURNED] = forward(layer, *given)
        for title, own in within(values, str(next(calls))).items():
            if found := re.fullmatch(rf"(?:{ME}\.)?(\w+)(?:\[(\d+)\])?", title):
                name, at = found.groups()
                parts = [*held.get(name, ())] if at else [held.get(name)]
                now: Any = parts[int(at or 0)] if int(at or 0) < len(parts) else None
                is_array = isinstance(now, np.ndarray | np.number) and now.shape == own.shape
                if is_array and not np.array_equal(now, own):  # weights stay what they are
                    parts[int(at or 0)] = own
                    held[name] = tuple(parts) if at else own
        return held.pop(RETURNED)

    return passed
