"""What all words have in common: a name, documented fields, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from nndsl.ir.symbols import Symbolic, as_float

LARGEST_SIZE = 10_000_000  # units, kernels, batches: beyond it a number is a slip of the keyboard


class BareName:
    """Marks a field whose value is a name of the spec's own (`metric = validation_loss`)."""


class NamesLayer(BareName):
    """Marks a field whose value names a layer: its word, or the `let` that stands for it."""


class AsWritten:
    """Marks a field that keeps the value as it stands in the tree, for analysis to understand."""


Size = Annotated[int, Field(ge=1, le=LARGEST_SIZE)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Real = Annotated[float, Field(allow_inf_nan=False)]
PositiveReal = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeReal = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
NameOf = Annotated[str, BareName()]
LayerName = Annotated[str, NamesLayer()]
Unevaluated = Annotated[Any, AsWritten()]


def _as_several(value: Any) -> Any:
    """Return one name as a tuple of one, a list as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def as_single(value: Any) -> Any:
    """Return a value alone, even where it is the only one of several; a list as a tuple."""
    value = tuple(value) if isinstance(value, list) else value
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_several)]


class Derived(str):
    """Stands for a backward pass that a word does not write: it is derived from the forward pass.

    In a class it is an empty text, and of an instance the pass that is derived.
    """

    __slots__ = ()

    def __get__(self, word: Builtin | None, owner: type[Builtin] | None = None) -> str:
        if word is None:
            return self
        from nndsl.vocabulary import derived

        return derived.backward_of(word)


class Builtin(BaseModel):
    """A word of the vocabulary, documented by its docstring and its fields' descriptions."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, defer_build=True, use_attribute_docstrings=False
    )

    kind: ClassVar[str]
    positional: ClassVar[int] = 1  # how many of the first fields may come by position
    variadic: ClassVar[str | None] = None  # the field that takes all of them: reshape(1, 28, 28)
    called: ClassVar[tuple[str, ...]] = ()  # what other libraries and books call it
    class_names: ClassVar[dict[str, str]] = {}  # a course -> what its code calls the class
    constants: ClassVar[dict[str, str]] = {}  # field -> its name in the script's settings
    meanings: ClassVar[dict[str, str]] = {}  # field -> what it is, where courses call it otherwise
    functions: ClassVar[str] = ""  # that its texts call and that no formula knows, as definitions
    reasons: ClassVar[dict[str, str]] = {}  # why a derived line is so, by what it writes
    derivation: ClassVar[str] = ""  # why its backward pass is so, with `$…$`, for handouts
    questions: ClassVar[str] = ""  # to ask about it there, each above its answer: `= because …`

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        _forget_annotations(cls)

    @field_validator("*", mode="wrap")
    @classmethod
    def _keep_names(cls, value: Any, check: ValidatorFunctionWrapHandler) -> Any:
        """Keep what a number is made of, which a check takes away."""
        return _named_again(check(value), value)

    def check(self) -> None:
        """ShapeError, with its place, where a formula of the page has no value."""

    @classmethod
    def help_for_missing(cls, field: str, values: Mapping[str, Any], folder: Path) -> str | None:
        """Say what a field that is missing may be, given the others, if that is known."""
        return None

    @property
    def definitions(self) -> str:
        """Return all functions that its texts may call, and its derived backward pass."""
        from nndsl.vocabulary.formula_functions import DEFINITIONS  # few commands execute a text

        return f"{DEFINITIONS}\n{dedent(self.functions)}"

    @classmethod
    def by_position(cls) -> list[str]:
        """Return the fields whose arguments may come by position, in their order."""
        return list(cls.model_fields)[: cls.positional]

    @classmethod
    def keyword(cls) -> str:
        """The name in a spec: that of the class, in lower case with underscores."""
        return snake_case(cls.__name__)


def _named_again(checked: Any, given: Any) -> Any:
    if isinstance(checked, tuple) and isinstance(given, tuple) and len(checked) == len(given):
        return tuple(map(_named_again, checked, given))
    if isinstance(given, Symbolic) and checked == given:
        return as_float(given) if isinstance(checked, float) else given
    return checked


def _forget_annotations(cls: type[BaseModel]) -> None:
    """Forget those of what is no field: for each subclass they would be evaluated again."""
    for name in cls.__class_vars__:
        cls.__annotations__.pop(name, None)


_forget_annotations(Builtin)
W = TypeVar("W", bound=Builtin)


def snake_case(name: str) -> str:
    """`BatchNorm` -> `batch_norm`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def camel_case(name: str) -> str:
    """`batch_norm` -> `BatchNorm`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
