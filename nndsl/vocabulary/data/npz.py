"""Arrays in a file of numpy's."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from nndsl.data import DataError, Description
from nndsl.data.npz_format import WANTED, read_first, read_header, require_finite_array
from nndsl.data.raw_numbers import SAMPLE, measure_signal
from nndsl.data.script_text import quoted, refuse_non_finite, scaled
from nndsl.data.source_file import find_file, title_of
from nndsl.shapes import Tokens, places
from nndsl.vocabulary.builtin import Real, Size, as_single
from nndsl.vocabulary.named_arrays import count_array, describe_arrays
from nndsl.vocabulary.paired_data import Pair, PairedData, describe_pairs

if TYPE_CHECKING:
    from zipfile import ZipFile


WANTED_OF_TOKENS = "targets are class numbers (N,), one for each position (N, T), or floats (N,)"


def _listed(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


Arrays = Annotated[str | tuple[str, ...], BeforeValidator(as_single)]


class Npz(PairedData):
    """Arrays of an .npz file (numpy.savez): x (N, …), and t, whose type says what is learnt.

    Whole numbers (N,) are class numbers, from 0; floats (N,) or (N, …) are a regression. Where both
    are one array, a network learns to output its own inputs: an autoencoder. With `tokens`, the
    inputs (N, T) are the numbers of tokens, and targets (N, T) are a class for each, or -1 where
    there is none. Of images
    (N, channels, height, width) targets (N, height, width) are a class for each pixel.

    Of several arrays each goes to the input of its name, or to the output: whole numbers are tokens
    where the input says so, `input words(20, tokens=1000)`.
    """

    called = ("arrays",)

    file: str = Field(
        description="path of the file, relative to the spec", examples=['"images.npz"']
    )
    x: Arrays = Field("x", description="name of the array of inputs, or of several")
    t: Arrays = Field("t", description="name of the array of targets, or of several")
    scale: Real = Field(1.0, description="number that the inputs are multiplied by: 1/255")
    tokens: Size | None = Field(
        None, description="kinds of tokens, where the inputs are the numbers of tokens"
    )
    padding: Annotated[int, Field(ge=0)] | None = Field(
        None, description="the token that fills up examples which are shorter than others"
    )
    classes: Size | None = Field(
        None, description="how many classes there are, where the file may lack the last ones"
    )

    resizing = "scale=1/255"
    prepares = ("scale",)
    token_kinds = "tokens"

    @property
    def input_scale(self) -> float:
        return self.scale

    @property
    def input_name(self) -> str:
        return self.x if isinstance(self.x, str) else ""

    def files(self, folder: Path) -> dict[str, Path]:
        return {"path": folder / self.file}

    def describe(self, folder: Path) -> Description:
        from zipfile import ZipFile

        path = find_file(folder, self.file, "file")
        own_test = self.test if isinstance(self.test, tuple) else None
        try:
            with ZipFile(path) as archive:
                if isinstance(self.x, tuple) or isinstance(self.t, tuple):
                    self._require_named()
                    fields = {"x": _listed(self.x), "t": _listed(self.t)}
                    return describe_arrays(archive, fields, self.scale, title_of(self.file))
                learnt = self._read_pair(archive, self.x, self.t, "x", "t")
                test = self._read_pair(archive, *own_test, "test", "test") if own_test else None
        except DataError:
            raise
        except Exception:  # what zipfile raises depends on which byte is wrong
            raise DataError(f"`{self.file}` is no .npz file, or damaged", field="file") from None
        lines = ["with np.load(path) as arrays:", *self._lines(self.x, self.t, learnt, "")]
        named = {"X": self.x, "t": self.t}
        if own_test:
            lines += self._lines(*own_test, learnt, "_test")
            named |= {"X_test": own_test[0], "t_test": own_test[1]}
        floats = {"X": learnt.floats, "t": learnt.outputs is not None and self.t != self.x}
        searched = {v: name for v, name in named.items() if floats[v.removesuffix("_test")]}
        if searched:
            lines += refuse_non_finite(searched)
        return describe_pairs(learnt, test, title_of(self.file), "\n".join(lines))

    def _require_named(self) -> None:
        """DataError where an argument has no meaning for several arrays."""
        if isinstance(self.test, tuple):
            wrong = "of several arrays the test part is a count or a fraction"
            raise DataError(wrong, field="test")
        for name in ("tokens", "padding", "classes"):
            if getattr(self, name) is not None:
                wrong = f"`{name}` does not say which of several arrays it is of"
                raise DataError(wrong, "write `input NAME(LENGTH, tokens=KINDS)`", name)

    def _lines(self, x: str, t: str, pair: Pair, suffix: str) -> list[str]:
        type_ = "np.int64" if pair.outputs is None else "dtype"
        column = ".reshape(-1, 1)" if pair.outputs == 1 else ""
        if pair.target_axes > 1:
            why = "pixel by pixel" if pair.outputs is None else "images as rows"
            column = f".reshape(len(X{suffix}), -1)   # {why}"
        targets = f"arrays[{quoted(t)}].astype({type_}){column}"
        if t == x and pair.outputs is not None:
            rows = f".reshape(len(X{suffix}), -1)" if len(pair.shape) > 1 else ""
            targets = f"X{suffix}{rows}   # what is put in shall come out"
        inputs = "np.int64)" if self.tokens else f"dtype){scaled(self.scale)}"
        return [
            f"    X{suffix} = arrays[{quoted(x)}].astype({inputs}",
            f"    t{suffix} = {targets}",
        ]

    def _read_pair(self, archive: ZipFile, x: str, t: str, x_field: str, t_field: str) -> Pair:
        inputs = self._read_inputs(archive, x, x_field)
        shape, examples = inputs.shape, inputs.examples
        if t == x and self.tokens is None:
            return replace(inputs, outputs=prod(shape))
        targets = read_header(archive, t, t_field)
        per_position = len(targets.shape) > 1 and (
            self.tokens is not None or (len(shape) == 3 and targets.kind != "f")
        )
        fits = targets.shape[1:] == places(shape) if per_position else targets.kind == "f"
        if not targets.shape or (len(targets.shape) != 1 and not fits):
            raise DataError(
                f"the array {quoted(t)} has shape {targets.shape}",
                WANTED_OF_TOKENS if self.tokens else WANTED,
                t_field,
            )
        if targets.shape[0] != examples:
            held = f"{quoted(x)} holds {examples} examples"
            raise DataError(f"{held}, and {quoted(t)} {targets.shape[0]} targets", field=t_field)
        if not prod(targets.shape):
            raise DataError(f"{quoted(t)} is empty", field=t_field)
        axes = len(targets.shape) - 1
        if targets.kind == "f":
            require_finite_array(archive, t, t_field, targets)
            return replace(inputs, outputs=prod(targets.shape[1:]), target_axes=axes)
        inputs = replace(inputs, per_position=per_position, target_axes=axes)
        counted = count_array(archive, t, t_field, targets, may_lack=per_position)
        if counted is None:
            return replace(inputs, classes=self.classes)
        classes = counted.classes
        if self.classes is not None and classes > self.classes:
            wrong = f"{quoted(t)} holds class {classes - 1}: the classes are 0 to"
            raise DataError(f"{wrong} {self.classes - 1}", f"write classes={classes}", "classes")
        return replace(inputs, classes=self.classes or classes, has_gaps=counted.has_gaps)

    def _read_inputs(self, archive: ZipFile, x: str, field: str) -> Pair:
        header = read_header(archive, x, field)
        if len(header.shape) < 2 or not prod(header.shape):
            wrong = f"has shape {header.shape}" if prod(header.shape) else "is empty"
            raise DataError(f"the array {quoted(x)} {wrong}", WANTED, field)
        shape, examples = header.shape[1:], header.shape[0]
        if self.tokens is None:
            require_finite_array(archive, x, field, header)
            sample = read_first(archive, x, field, SAMPLE)
            kind = header.kind
            signal = measure_signal(sample, kind, header.size, header.byte_order, self.scale)
            return Pair(shape, examples, outputs=None, signal=signal, floats=kind == "f")
        if len(shape) != 1 or header.kind == "f":
            what = "floats" if header.kind == "f" else f"shape {header.shape}"
            help = "the numbers of tokens are whole: an array of integers (N, T)"
            raise DataError(f"the array {quoted(x)} has {what}, and no tokens", help, field)
        if self.padding is not None and self.padding >= self.tokens:
            wrong = f"`padding` is one of the tokens, and these are 0 to {self.tokens - 1}"
            raise DataError(wrong, field="padding")
        counted = count_array(archive, x, field, header)
        kinds = counted.classes if counted is not None else 0
        if kinds > self.tokens:
            wrong = f"{quoted(x)} holds token {kinds - 1}: the kinds are 0 to"
            raise DataError(f"{wrong} {self.tokens - 1}", f"write tokens={kinds}", "tokens")
        return Pair(Tokens(shape, self.tokens, self.padding), examples, outputs=None)
