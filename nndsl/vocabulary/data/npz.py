"""Arrays in a file of numpy's."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from nndsl.data import DataError, Description
from nndsl.data.npz_format import WANTED, read_first, read_header, require_finite_array
from nndsl.data.raw_numbers import MAX_READ, SAMPLE, count_classes, measure_signal
from nndsl.data.script_text import quoted, refuse_non_finite, scaled
from nndsl.data.source_file import find_file, title_of
from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.paired_data import Pair, PairedData, describe_pairs

if TYPE_CHECKING:
    from zipfile import ZipFile


class Npz(PairedData):
    """Arrays of an .npz file (numpy.savez): x (N, …), and t, whose type says what is learnt.

    Whole numbers (N,) are class numbers, from 0; floats (N,) or (N, outputs) are a regression.
    Where both are one array, a network learns to put out its own inputs: an autoencoder.
    """

    file: str = Field(
        description="path of the file, relative to the spec", examples=['"images.npz"']
    )
    x: str = Field("x", description="name of the array of inputs")
    t: str = Field("t", description="name of the array of targets")
    scale: Real = Field(1.0, description="number that the inputs are multiplied by: 1/255")

    resizing = "scale=1/255"
    prepares = ("scale",)

    @property
    def input_scale(self) -> float:
        return self.scale

    @property
    def input_name(self) -> str:
        return self.x

    def files(self, folder: Path) -> dict[str, Path]:
        return {"path": folder / self.file}

    def describe(self, folder: Path) -> Description:
        from zipfile import ZipFile

        path = find_file(folder, self.file, "file")
        own_test = self.test if isinstance(self.test, tuple) else None
        try:
            with ZipFile(path) as archive:
                learnt = _read_pair(archive, self.x, self.t, "x", "t", self.scale)
                test = (
                    _read_pair(archive, *own_test, "test", "test", self.scale) if own_test else None
                )
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

    def _lines(self, x: str, t: str, pair: Pair, suffix: str) -> list[str]:
        type_ = "np.int64" if pair.outputs is None else "dtype"
        column = ".reshape(-1, 1)" if pair.outputs == 1 else ""
        targets = f"arrays[{quoted(t)}].astype({type_}){column}"
        if t == x:
            rows = f".reshape(len(X{suffix}), -1)" if len(pair.shape) > 1 else ""
            targets = f"X{suffix}{rows}   # what is put in shall come out"
        return [
            f"    X{suffix} = arrays[{quoted(x)}].astype(dtype){scaled(self.scale)}",
            f"    t{suffix} = {targets}",
        ]


def _read_pair(archive: ZipFile, x: str, t: str, x_field: str, t_field: str, scale: float) -> Pair:
    inputs = read_header(archive, x, x_field)
    if len(inputs.shape) < 2:
        raise DataError(f"the array {quoted(x)} has shape {inputs.shape}", WANTED, x_field)
    require_finite_array(archive, x, x_field, inputs)
    sample = read_first(archive, x, x_field, SAMPLE)
    signal = measure_signal(sample, inputs.kind, inputs.size, inputs.byte_order, scale)
    shape, examples = inputs.shape[1:], inputs.shape[0]
    pair = Pair(shape, examples, outputs=None, signal=signal, floats=inputs.kind == "f")
    if t == x and prod(inputs.shape) > 0:
        return replace(pair, outputs=prod(shape))
    targets = read_header(archive, t, t_field)
    if len(targets.shape) not in ((1, 2) if targets.kind == "f" else (1,)):
        raise DataError(f"the array {quoted(t)} has shape {targets.shape}", WANTED, t_field)
    if targets.shape[0] != examples:
        raise DataError(
            f"{quoted(x)} holds {examples} examples, and {quoted(t)} {targets.shape[0]} targets",
            field=t_field,
        )
    if not prod(inputs.shape) or not prod(targets.shape):
        raise DataError(f"{quoted(x)} or {quoted(t)} is empty", field=x_field)
    if targets.kind == "f":
        require_finite_array(archive, t, t_field, targets)
        return replace(pair, outputs=prod(targets.shape[1:]))
    if targets.size * examples > MAX_READ:
        return pair
    raw = read_first(archive, t, t_field, examples)
    classes = count_classes(raw, targets.kind, targets.size, targets.byte_order, quoted(t), t_field)
    return replace(pair, classes=classes)
