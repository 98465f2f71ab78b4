"""From the source of an instrument to a function that measures."""

import builtins
import textwrap
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.ir import names_of, parse_text, parse_value
from nndsl.live.execute import execute
from nndsl.live.recording.histogram import Array
from nndsl.vocabulary.instrument import Instrument

GIVEN = {"np", "math", *dir(builtins)}
Measurement = tuple[dict[str, float], Array]

_FRAME = """\
import math
import numpy as np


def measure({given}):
{body}
    return {{{numbers}}}, {value}
"""


def measure(instrument: Instrument, values: dict[str, npt.ArrayLike]) -> Measurement | None:
    """Return the numbers that an instrument makes of some values, and the measured array itself.

    `values` holds arrays and numbers by the names of its source. None where not even that array is
    known. It is computed in float64: the squares of small numbers are smaller still.
    """
    function = _function(instrument, frozenset(values))
    if function is None:
        return None
    given = {name: np.asarray(value, np.float64) for name, value in values.items()}
    with np.errstate(all="ignore"):
        numbers, value = function(**given)
    return {name: float(number) for name, number in numbers.items()}, np.asarray(value)


@cache
def _function(instrument: Instrument, known: frozenset[str]) -> Callable[..., Any] | None:
    """Compile what can be measured where these names are known."""
    if not {*names_of(parse_value(instrument.value))} <= known | GIVEN:
        return None
    statements = []
    there = known | GIVEN
    for statement in parse_text(instrument.measure):
        if statement.reads <= there:
            statements.append(statement)
            there |= set(statement.writes)
    names = [name for statement in statements for name in statement.writes]
    text = _FRAME.format(
        given=", ".join(sorted(known)),
        body=textwrap.indent("\n".join(statement.text for statement in statements), "    "),
        numbers=", ".join(f"{name!r}: {name}" for name in names),
        value=instrument.value,
    )
    function: Callable[..., Any] = execute(text, f"{instrument.keyword()}.measure")["measure"]
    return function
