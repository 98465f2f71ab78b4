"""Arrays in a file of numpy's."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pydantic import Field

from nndsl.vocabulary.class_numbers import LARGEST_READ, count_classes
from nndsl.vocabulary.dataset import DataError, Description
from nndsl.vocabulary.literal import quoted
from nndsl.vocabulary.npy_header import ArrayHeader, HeaderError, read_header
from nndsl.vocabulary.paired_data import Pair, PairedData, describe_pairs
from nndsl.vocabulary.raw_numbers import SAMPLE, signal_of
from nndsl.vocabulary.scaling import scaled
from nndsl.vocabulary.source_file import find_file, title_of
from nndsl.vocabulary.word import Real

if TYPE_CHECKING:
    from zipfile import ZipFile

_WANTED = "inputs are numbers (N, …); targets class numbers (N,), or floats (N,) or (N, outputs)"


class Npz(PairedData):
    """Arrays of an .npz file (numpy.savez): x (N, …), and t, whose type says what is learnt.

    Whole numbers (N,) are class numbers, from 0; floats (N,) or (N, outputs) are a regression.
    Where both are one array, a network learns to put out its own inputs: an autoencoder.
    """

    file: str = Field(description="path of the file, relative to the spec")
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
        from struct import error as StructError
        from zipfile import BadZipFile, ZipFile
        from zlib import error as ZlibError

        path = find_file(folder, self.file, "file")
        own_test = self.test if isinstance(self.test, tuple) else None
        try:
            with ZipFile(path) as archive:
                learnt = _read_pair(archive, self.x, self.t, "x", "t", self.scale)
                test = (
                    _read_pair(archive, *own_test, "test", "test", self.scale) if own_test else None
                )
        except (BadZipFile, ZlibError, StructError, OSError, EOFError, ValueError, RuntimeError):
            # RuntimeError: encrypted, or compressed in a way that numpy does not write
            raise DataError(f"`{self.file}` is no .npz file, or damaged", field="file") from None
        lines = ["with np.load(path) as arrays:", *self._lines(self.x, self.t, learnt, "")]
        if own_test:
            lines += self._lines(*own_test, learnt, "_test")
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
    with _open(archive, x, x_field) as file:
        inputs = _read_header(file, x, x_field)
        sample = file.read(min(SAMPLE, prod(inputs.shape)) * inputs.size)
    if len(inputs.shape) < 2:
        raise DataError(f"the array {quoted(x)} has shape {inputs.shape}", _WANTED, x_field)
    signal = signal_of(sample, inputs.kind, inputs.size, inputs.byte_order, scale)
    if t == x and prod(inputs.shape) > 0:
        outputs = prod(inputs.shape[1:])
        return Pair(inputs.shape[1:], inputs.shape[0], outputs=outputs, signal=signal)
    with _open(archive, t, t_field) as file:
        targets = _read_header(file, t, t_field)
        if len(targets.shape) not in ((1, 2) if targets.kind == "f" else (1,)):
            raise DataError(f"the array {quoted(t)} has shape {targets.shape}", _WANTED, t_field)
        examples = targets.shape[0]
        if examples != inputs.shape[0]:
            raise DataError(
                f"{quoted(x)} holds {inputs.shape[0]} examples, and {quoted(t)} {examples} targets",
                field=t_field,
            )
        if not prod(inputs.shape) or not prod(targets.shape):
            raise DataError(f"{quoted(x)} or {quoted(t)} is empty", field=x_field)
        length = targets.size * examples
        if targets.kind == "f":
            outputs = prod(targets.shape[1:])
            return Pair(inputs.shape[1:], examples, outputs=outputs, signal=signal)
        if length > LARGEST_READ:
            return Pair(inputs.shape[1:], examples, outputs=None, signal=signal)
        raw = file.read(length)
    if len(raw) < length:
        raise EOFError
    classes = count_classes(raw, targets.kind, targets.size, targets.byte_order, quoted(t), t_field)
    return Pair(inputs.shape[1:], examples, outputs=None, classes=classes, signal=signal)


def _open(archive: ZipFile, name: str, field: str) -> IO[bytes]:
    members = {member.removesuffix(".npy"): member for member in archive.namelist()}
    if name not in members:
        held = ", ".join(map(quoted, list(members)[:10])) or "none"
        raise DataError(f"the file has no array {quoted(name)}", f"it holds {held}", field)
    return archive.open(members[name])


def _read_header(file: IO[bytes], name: str, field: str) -> ArrayHeader:
    try:
        return read_header(file)
    except HeaderError as error:
        raise DataError(f"the array {quoted(name)} {error}", _WANTED, field) from None
