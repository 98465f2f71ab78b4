"""Arrays of a file that go to inputs and outputs of their names."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING

from nndsl.data import DataError, DataPart, Description
from nndsl.data.npz_format import WANTED, ArrayHeader, read_first, read_header, require_finite_array
from nndsl.data.raw_numbers import (
    MAX_READ,
    SAMPLE,
    Counted,
    count_classes,
    measure_signal,
    read_numbers,
)
from nndsl.data.script_text import quoted, refuse_non_finite, scaled
from nndsl.shapes import Shape

if TYPE_CHECKING:
    from zipfile import ZipFile


def describe_arrays(
    archive: ZipFile, fields: Mapping[str, tuple[str, ...]], scale: float, title: str
) -> Description:
    """Describe arrays, each a part by its name; `fields` are those of `x` and of `t`. DataError."""
    parts: dict[str, DataPart] = {}
    lines, floats, first = [], {}, ("", 0)
    for field, names in fields.items():
        for name in names:
            if name in parts:
                help = "what an output learns may be an input: write `target OUTPUT = INPUT`"
                raise DataError(f"{quoted(name)} is given twice", help, field)
            if not name.isidentifier():
                help = "of several arrays each goes to the input or the output of its name"
                raise DataError(f"{quoted(name)} can be no name of an input", help, field)
            header = read_header(archive, name, field)
            count = header.shape[0] if header.shape else 0
            if not prod(header.shape) or not count:
                raise DataError(f"the array {quoted(name)} is empty", WANTED, field)
            if first[0] and count != first[1]:
                held = f"{quoted(first[0])} holds {first[1]} examples"
                raise DataError(f"{held}, and {quoted(name)} {count}", field=field)
            first = first if first[0] else (name, count)
            if header.kind == "f":
                require_finite_array(archive, name, field, header)
                floats[name] = name
            describe = _target if field == "t" else _input
            parts[name], line = describe(archive, name, field, header, scale)
            lines.append(f"    {line}")
    lines = ["with np.load(path) as arrays:", *lines]
    lines += refuse_non_finite(floats) if floats else []
    return Description(
        parts=parts,
        examples=first[1],
        title=title,
        read="\n".join(lines),
        note="it has several arrays: begin with an input for each, `input NAME`",
    )


def _input(
    archive: ZipFile, name: str, field: str, header: ArrayHeader, scale: float
) -> tuple[DataPart, str]:
    shape: Shape = header.shape[1:] or (1,)
    column = ".reshape(-1, 1)" * (len(header.shape) == 1)
    counted = None if header.kind == "f" else count_array(archive, name, field, header)
    kinds = counted and counted.classes
    sample = read_first(archive, name, field, min(SAMPLE, prod(header.shape)))
    signal = measure_signal(sample, header.kind, header.size, header.byte_order, scale)
    part = DataPart(shape, whole=header.kind != "f", kinds=kinds, signal=signal)
    return part, f"{name} = arrays[{quoted(name)}].astype({name}_type){column}{scaled(scale)}"


def _target(
    archive: ZipFile, name: str, field: str, header: ArrayHeader, scale: float
) -> tuple[DataPart, str]:
    if header.kind == "f":
        if len(header.shape) > 2:
            raise DataError(f"the array {quoted(name)} has shape {header.shape}", WANTED, field)
        column = ".reshape(-1, 1)" * (len(header.shape) == 1)
        part = DataPart(header.shape[1:], is_target=True, outputs=prod(header.shape[1:]))
        return part, f"{name} = arrays[{quoted(name)}].astype(dtype){column}"
    per_position = len(header.shape) == 2
    counted = count_array(archive, name, field, header, may_lack=per_position)
    if len(header.shape) > 2:
        raise DataError(f"the array {quoted(name)} has shape {header.shape}", WANTED, field)
    part = DataPart(
        header.shape[1:],
        is_target=True,
        classes=counted and counted.classes,
        per_position=per_position,
        has_gaps=counted is not None and counted.has_gaps,
    )
    return part, f"{name} = arrays[{quoted(name)}].astype(np.int64)"


def count_array(
    archive: ZipFile, name: str, field: str, header: ArrayHeader, *, may_lack: bool = False
) -> Counted | None:
    """Return what the whole numbers of an array are; None if it is long. DataError.

    They are classes or tokens; where some targets `may_lack`, -1 is none, though not of all of an
    example: a batch of such examples would have no loss.
    """
    numbers = prod(header.shape)
    if header.size * numbers > MAX_READ:
        return None
    raw = read_first(archive, name, field, numbers)
    of = header.kind, header.size, header.byte_order, quoted(name), field
    counted = count_classes(raw, *of, may_lack=may_lack)
    if counted.has_gaps:
        targets, each = (
            read_numbers(raw, header.kind, header.size, header.byte_order),
            header.shape[1],
        )
        for at in range(0, len(targets), each):
            if max(targets[at : at + each]) < 0:
                wrong = f"row {at // each} of {quoted(name)} is -1 everywhere: it has no target"
                raise DataError(wrong, "leave the example out", field)
    return counted
