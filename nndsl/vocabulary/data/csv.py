"""Tables in CSV files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from nndsl.vocabulary.dataset import Column, Data, DataError, Description
from nndsl.vocabulary.literal import listed, quoted
from nndsl.vocabulary.signal import Signal
from nndsl.vocabulary.source_file import find_file, title_of
from nndsl.vocabulary.table import (
    LARGEST_READ,
    MISSING,
    Table,
    drop_missing,
    first_missing,
    is_numeric,
    leave_out,
    levels,
    read_table,
    require_columns,
    sample,
)

if TYPE_CHECKING:
    from nndsl.vocabulary.new_examples import NewExamples


def _several(value: Any) -> Any:
    """One name is a tuple of one; a list is a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Csv(Data):
    """A table with a header line: one example a line, all columns but the target are inputs.

    A column is numbers, or texts; both in one is an error. A column of texts becomes a column of
    0 and 1 for each of its texts, in sorted order. A target of texts gives classes, in sorted
    order; one of numbers gives a regression, unless `classes=true`; several targets give a
    regression of several outputs. A value is missing where it is empty, ?, NA, N/A, NaN, nan or
    null. The checker reads the first 10 MB of a file.
    """

    file: str = Field(description="path of the file, relative to the spec")
    target: Names = Field(min_length=1, description="column to predict, or several of numbers")
    ignore: Names = Field((), description="columns that are not used")
    categories: Names = Field((), description="columns of inputs whose numbers are names of kinds")
    classes: bool = Field(False, description="the numbers of the target are names of classes")
    missing: Literal["error", "drop"] = Field(
        "error", description="what to do where a value is missing: say so, or leave the row out"
    )
    delimiter: str = Field(",", description="character between the values")
    standardize: bool = Field(
        False, description="centre and scale the inputs by mean and spread of the training part"
    )

    modules = ("csv",)
    resizing = "standardize=true"
    prepares = ("ignore", "categories", "standardize")

    @property
    def standardize_inputs(self) -> bool:
        return self.standardize

    def read_new(self, path: Path, known: Description) -> NewExamples:
        from nndsl.vocabulary.new_examples import read_named

        found = read_named(
            path, known.inputs, delimiter=self.delimiter, drop_missing=self.missing == "drop"
        )
        known_columns = {*self.target, *self.ignore}
        return replace(found, unused=tuple(c for c in found.unused if c not in known_columns))

    def files(self, folder: Path) -> dict[str, Path]:
        return {"path": folder / self.file}

    def describe(self, folder: Path) -> Description:
        table = self._table(folder)
        inputs = [name for name in table.header if name not in self.target]
        if not inputs:
            raise DataError(
                "no column is left for the inputs", field="ignore" if self.ignore else "file"
            )
        kinds: dict[str, tuple[str, ...]] = {}
        for name in inputs:
            numeric = self._is_numeric(table, name, name in self.categories)
            if not numeric or name in self.categories:
                kinds[name] = levels(table, name, numeric=numeric, field="file")
        settings: dict[str, Any] = {"levels": kinds}
        numbers = [self._is_numeric(table, name, self.classes) for name in self.target]
        if len(self.target) > 1 and (self.classes or not all(numbers)):
            name = self.target[0] if self.classes else self.target[numbers.index(False)]
            raise DataError(
                f"`{name}` is one of several targets, and holds classes, not numbers",
                field="target",
            )
        class_names = None
        if self.classes or not numbers[0]:
            class_names = levels(table, self.target[0], numeric=numbers[0], field="target")
            settings["class_names"] = class_names
            if len(class_names) < 2:
                raise DataError(
                    f"`{self.target[0]}` holds one class only: {quoted(class_names[0])}",
                    field="target",
                )
        return Description(
            (len(inputs) - len(kinds) + sum(map(len, kinds.values())),),
            classes=len(class_names) if class_names else None,
            outputs=None if class_names else len(self.target),
            examples=len(table.rows) if table.complete else None,
            title=title_of(self.file),
            settings=settings,
            inputs=tuple(Column(name, kinds.get(name, ())) for name in inputs),
            names=class_names or self.target,
            signal=Signal(0, 1) if self.standardize else None,
            columns={name: sample(table, name) for name in inputs if name not in kinds},
            targets=() if class_names or len(self.target) > 1 else sample(table, self.target[0]),
            read="\n".join(self._lines(bool(kinds), class_names is not None)),
            note="" if table.complete else f"only the first {LARGEST_READ} bytes were read",
        )

    def _table(self, folder: Path) -> Table:
        """Return the table as it is used: without ignored columns, and without missing values."""
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n ':
            raise DataError("`delimiter` is one character: no quote, no space", field="delimiter")
        table = read_table(find_file(folder, self.file, "file"), self.file, self.delimiter, "file")
        other = next((c for c in ";\t|," if len(table.header) == 1 and c in table.header[0]), None)
        if other:
            raise DataError(
                f"`{self.file}` has one column only",
                f"write delimiter={quoted(other)}",
                "delimiter",
            )
        for field in ("target", "ignore", "categories"):
            require_columns(table, getattr(self, field), field)
        for field in ("ignore", "categories"):
            both = [name for name in getattr(self, field) if name in self.target]
            if both:
                raise DataError(f"`{both[0]}` is the target, and in `{field}` as well", field=field)
        table = leave_out(table, self.ignore)
        if self.missing == "drop":
            table = drop_missing(table)
            if not table.rows:
                raise DataError("no row is left: in each a value is missing", field="missing")
        elif (found := first_missing(table)) is not None:
            line, name = found
            raise DataError(
                f"in line {line} of `{self.file}` the value of `{name}` is missing",
                f'missing=drop leaves such rows out; ignore=["{name}"] the column',
                "file",
            )
        return table

    def _is_numeric(self, table: Table, name: str, of_kinds: bool) -> bool:
        """Does a column hold numbers? A mixture is no mistake where its values are kinds."""
        try:
            return is_numeric(table, name)
        except DataError:
            if of_kinds:
                return False
            raise

    def _lines(self, has_texts: bool, has_classes: bool) -> list[str]:
        """Return the statements that read the file, those of them that this table needs."""
        delimiter = "" if self.delimiter == "," else f"delimiter={quoted(self.delimiter)}, "
        one = len(self.target) == 1
        is_input = f"!= {quoted(self.target[0])}" if one else f"not in {listed(self.target)}"
        target = f"columns[{quoted(self.target[0])}]"
        lines = [
            'with path.open(newline="", encoding="utf-8-sig") as lines:',
            f"    rows = list(csv.reader(lines, {delimiter}skipinitialspace=True))",
            "table = [[value.strip() for value in row] for row in rows if row]",
        ]
        if self.ignore:
            ignored = listed(self.ignore)
            lines += [
                f"used = [i for i, name in enumerate(table[0]) if name not in {ignored}]",
                "table = [[row[i] for i in used] for row in table]",
            ]
        lines.append("header, *rows = table")
        if self.missing == "drop":
            marks = listed(MISSING)
            lines.append(f"rows = [row for row in rows if set(row).isdisjoint({marks})]")
        lines.append("columns = dict(zip(header, zip(*rows, strict=True), strict=True))")
        if has_texts:
            lines += [
                "inputs = []",
                "for name in header:",
                "    if name in levels:        # texts: a column of 0 and 1 for each of them",
                "        numbers = [levels[name].index(value) for value in columns[name]]",
                "        inputs.append(np.eye(len(levels[name]), dtype=dtype)[numbers])",
                f"    elif name {is_input}:",
                "        inputs.append(np.array(columns[name], dtype))",
                "X = np.column_stack(inputs)",
            ]
        else:
            lines += [
                f"inputs = [np.array(columns[name], dtype) for name in header if name {is_input}]",
                "X = np.column_stack(inputs)",
            ]
        if has_classes:
            numbers = f"[class_names.index(value) for value in {target}]"
            lines.append(f"t = np.array({numbers}, np.int64)")
        elif one:
            lines.append(f"t = np.array({target}, dtype).reshape(-1, 1)")
        else:
            outputs = f"[np.array(columns[name], dtype) for name in {listed(self.target)}]"
            lines.append(f"t = np.column_stack({outputs})")
        return lines
