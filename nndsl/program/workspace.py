"""What an optimized program has beside a plain one: memory that is there, and one long vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nndsl.ir import Statement

if TYPE_CHECKING:
    from nndsl.program.program import Function


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parameter stands in the vector of all parameters: from `start` to before `end`."""

    name: str
    shape: tuple[int, ...]
    start: int
    end: int
    is_weight: bool


@dataclass(frozen=True, slots=True)
class VectorStep:
    """The optimizer's step on blocks `p` of the vector, with gradients `g` and states."""

    before: tuple[Statement, ...]  # once a step
    numbers: tuple[Statement, ...]  # then
    decay: tuple[Statement, ...]  # for blocks of weights alone
    statements: tuple[Statement, ...]  # for every block
    scratch: tuple[str, ...]  # names of intermediate results
    sums: Mapping[str, str]  # states that are running sums -> the factor that makes means of them


@dataclass(frozen=True, slots=True)
class Workspace:
    """The memory of a step, and the vector of all parameters.

    `step` is None where the optimizer does more than treat each number alone.
    """

    aligned: Function  # makes an array
    memory: Function  # makes those of a step
    places: tuple[Place, ...]
    size: int  # numbers in all parameters
    step: VectorStep | None
