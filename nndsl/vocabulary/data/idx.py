"""Files in the idx format."""

from math import prod
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from nndsl.data import DataError, Description
from nndsl.data.idx_format import IdxHeader, read_idx
from nndsl.data.raw_numbers import MAX_READ, SAMPLE, count_classes, measure_signal
from nndsl.data.script_text import refuse_non_finite, scaled
from nndsl.data.source_file import find_file, title_of
from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Real, Size
from nndsl.vocabulary.paired_data import Pair, PairedData, describe_pairs


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Idx(PairedData):
    """Files in the idx format, that of MNIST, plain or compressed (.gz).

    Labels are one row: whole numbers are class numbers, from 0; floats are a regression.
    """

    images: str = Field(
        description="path of the file of inputs, relative to the spec",
        examples=['"images.idx3"'],
    )
    labels: str = Field(
        description="path of the file of targets, relative to the spec",
        examples=['"labels.idx1"'],
    )
    scale: Real = Field(1.0, description="number that the inputs are multiplied by: 1/255")
    shape: Annotated[tuple[Size, ...], BeforeValidator(_tuple)] = Field(
        (), description="shape of an example: (1, 28, 28); left out: a row of all its numbers"
    )

    positional = 2
    resizing = "scale=1/255"
    prepares = ("scale", "shape")
    modules = ("gzip",)

    @property
    def input_scale(self) -> float:
        return self.scale

    def files(self, folder: Path) -> dict[str, Path]:
        names = {"training_images": self.images, "training_labels": self.labels}
        if isinstance(self.test, tuple):
            names |= {"test_images": self.test[0], "test_labels": self.test[1]}
        return {role: folder / name for role, name in names.items()}

    def describe(self, folder: Path) -> Description:
        learnt, lines = self._read_pair(folder, (self.images, self.labels), ("images", "labels"))
        test = None
        names = [self.images, self.labels]
        if isinstance(self.test, tuple):
            test, more = self._read_pair(folder, self.test, ("test", "test"))
            lines += more
            names += self.test
        if len({Path(name).name for name in names}) < len(names):
            raise DataError(
                "two of the files have one name",
                "a script reads its files beside itself: give each a name of its own",
            )
        return describe_pairs(learnt, test, title_of(self.images), "\n".join(lines))

    def _read_pair(
        self, folder: Path, names: tuple[str, str], fields: tuple[str, str]
    ) -> tuple[Pair, list[str]]:
        """Return what two files hold, and the statements that read them."""
        part, suffix = ("test", "_test") if fields[0] == "test" else ("training", "")
        x_path, t_path = (find_file(folder, *named) for named in zip(names, fields, strict=True))
        inputs, sample = read_idx(x_path, fields[0], SAMPLE)
        targets, raw = read_idx(t_path, fields[1], MAX_READ)
        if len(targets.shape) != 1:
            raise DataError(
                f"`{names[1]}` has {len(targets.shape)} axes; labels have one", field=fields[1]
            )
        examples = targets.shape[0]
        if examples != inputs.shape[0]:
            raise DataError(
                f"`{names[0]}` holds {inputs.shape[0]} examples, `{names[1]}` {examples} labels",
                field=fields[1],
            )
        if not prod(inputs.shape):
            raise DataError(f"`{names[0]}` is empty", field=fields[0])
        classes = None
        if targets.kind != "f" and len(raw) == examples * targets.size:
            kind, size = targets.kind, targets.size
            classes = count_classes(raw, kind, size, "big", f"`{names[1]}`", fields[1]).classes
        shape = self._shape(inputs)
        to_type = ".astype(dtype).reshape(-1, 1)" if targets.kind == "f" else ".astype(np.int64)"
        axes = ", ".join(map(str, (-1, *shape)))
        lines = [
            *_reading(f"X{suffix}", f"{part}_images", x_path, inputs),
            f"X{suffix} = X{suffix}.reshape({axes}).astype(dtype){scaled(self.scale)}",
            *_reading(f"t{suffix}", f"{part}_labels", t_path, targets),
            f"t{suffix} = t{suffix}{to_type}",
        ]
        found = {f"X{suffix}": (inputs, names[0]), f"t{suffix}": (targets, names[1])}
        floats = {variable: name for variable, (h, name) in found.items() if h.kind == "f"}
        if floats:
            lines += refuse_non_finite(floats)
        signal = measure_signal(sample, inputs.kind, inputs.size, "big", self.scale)
        outputs = 1 if targets.kind == "f" else None
        return Pair(shape, examples, outputs, classes, signal), lines

    def _shape(self, inputs: IdxHeader) -> Shape:
        stored = inputs.shape[1:]
        if self.shape and prod(self.shape) != prod(stored):
            raise DataError(
                f"an example holds {prod(stored)} numbers, not {prod(self.shape)} as {self.shape}",
                field="shape",
            )
        return self.shape or (prod(stored),)


def _reading(variable: str, role: str, path: Path, header: IdxHeader) -> list[str]:
    """Return the statements that read the numbers of the file `role` as one long row."""
    content = f"{role}.read_bytes()"
    if path.suffix == ".gz":
        content = f"gzip.decompress({content})"
    return [
        f"content = {content}",
        f"{variable} = np.frombuffer(content, {header.type_text}, offset={header.offset})"
        "   # after the header",
    ]
