"""Tables in CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from nndsl.data import Column, DataError, Description, Signal, inputs_of
from nndsl.data.dates import DATE_PARTS, DateForm
from nndsl.data.script_text import listed, quoted
from nndsl.data.source_file import find_file, title_of
from nndsl.data.table import (
    MAX_LEVELS,
    MAX_TEXTS,
    MISSING,
    Table,
    date_form_of,
    is_numeric,
    levels,
    open_rows,
    place_in,
    read_columns,
    read_header,
    require_columns,
    require_delimiter,
    require_rows,
    sample_of,
    with_decimal_points,
)
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.preparation import STANDARDIZE_TARGET, Preparation, impute

if TYPE_CHECKING:
    from nndsl.data.new_examples import NewExamples


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
    regression of several outputs. A value is missing where it is empty, ?, NA, N/A, n/a, NaN, nan
    or null. Lines without a value are skipped.
    """

    called = ("table",)

    file: str = Field(
        description="path of the file, relative to the spec; .csv.gz is compressed",
        examples=['"flowers.csv"'],
    )
    target: Names = Field(
        min_length=1,
        description="column to predict, or several of numbers",
        examples=['"species"'],
    )
    ignore: Names = Field((), description="columns that are not used")
    categories: Names = Field((), description="columns of inputs whose numbers are names of kinds")
    classes: bool = Field(False, description="the numbers of the target are names of classes")
    dates: Names = Field(
        (), description="columns of moments: a number, and circles of year, week, day"
    )
    max_categories: Annotated[int, Field(ge=2, le=MAX_LEVELS)] | None = Field(
        None, description="columns that one of texts becomes at most, the last for all other texts"
    )
    missing: Literal["error", "drop", "mean", "median", "most_frequent"] = Field(
        "error", description="where a value is missing: say so, leave the row out, or fill it in"
    )
    indicators: bool = Field(
        False, description="for each column that lacks values one more input: 1 where it does"
    )
    delimiter: str = Field(",", description="character between the values")
    decimal: str = Field(".", description="character before the decimals of a number")
    standardize: bool = Field(
        False, description="centre and scale the inputs by mean and spread of the training part"
    )
    standardize_target: bool = Field(
        False, description="the same for a target of numbers; results are in its own units"
    )
    split: Literal["shuffled", "stratified", "in_order"] = Field(
        "shuffled",
        description="rows held back: drawn, drawn with the share of each class, or the last ones",
    )

    modules = ("collections", "csv", "datetime", "gzip")
    functions = DATE_PARTS
    notes = {
        "levels": "columns of texts: each text becomes a column of 0 and 1",
        "dates": "columns of moments: how they are written, and circles in days",
        "widths": "inputs that columns become, where they are several",
        "class_names": "in the order of their numbers",
    }
    resizing = "standardize=true"
    resizing_targets = "standardize_target=true"
    prepares = (
        "ignore",
        "categories",
        "dates",
        "missing",
        "indicators",
        "standardize",
        "standardize_target",
    )

    @property
    def standardize_inputs(self) -> bool:
        return self.standardize

    @property
    def order(self) -> str:
        return self.split

    @property
    def lacking(self) -> str:
        return self.missing

    @property
    def fills(self) -> bool:
        """Is what is missing filled in?"""
        return self.missing not in ("error", "drop")

    def preparation(self, described: Description) -> Preparation:
        steps = super().preparation(described).inputs
        if self.fills:
            places = inputs_of(described.inputs)
            indicated = [places[column.name][0] for column in described.inputs if column.indicated]
            steps = (impute(self.missing, indicated), *steps)
        scaled = self.standardize_target and described.classes is None
        return Preparation(steps, STANDARDIZE_TARGET if scaled else None)

    def read_new(self, path: Path, known: Description) -> NewExamples:
        from nndsl.data.new_examples import read_named

        found = read_named(
            path,
            known.inputs,
            delimiter=self.delimiter,
            missing=self.missing,
            decimal=self.decimal,
        )
        known_columns = {*self.target, *self.ignore}
        return replace(found, unused=tuple(c for c in found.unused if c not in known_columns))

    @classmethod
    def help_for_missing(cls, field: str, values: Mapping[str, Any], folder: Path) -> str | None:
        if field != "target" or not isinstance(values.get("file"), str):
            return None
        name, delimiter = values["file"], values.get("delimiter", ",")
        try:
            with open_rows(find_file(folder, name, "file"), name, delimiter, "file") as rows:
                header = read_header(rows, name, "file")
        except (DataError, TypeError, ValueError):
            return None  # that is said once there is a target
        more = f" and {len(header) - 20} more" if len(header) > 20 else ""
        return f"`{name}` has {', '.join(f'`{column}`' for column in header[:20])}{more}"

    def files(self, folder: Path) -> dict[str, Path]:
        return {"path": folder / self.file}

    def describe(self, folder: Path) -> Description:
        path = find_file(folder, self.file, "file")
        try:
            return self._described(path)
        except DataError as error:
            if error.line:
                error.span = place_in(path, str(path), error.line, error.value)
            raise

    def _described(self, path: Path) -> Description:
        changed = path.stat()
        table = _read(self, path, changed.st_mtime_ns, changed.st_size)
        columns = {column.name: column for column in table.columns}
        inputs = [name for name in columns if name not in self.target]
        kinds: dict[str, tuple[str, ...]] = {}
        dates: dict[str, DateForm] = {}
        most = self.max_categories
        for name in inputs:
            if name in self.dates:
                dates[name] = date_form_of(columns[name])
                continue
            numeric = is_numeric(columns[name])
            if not numeric or columns[name].is_categorical:
                kinds[name] = levels(table, columns[name], numeric=numeric, field="file", most=most)
        encoded = {*kinds, *dates}
        settings: dict[str, Any] = {"levels": kinds}
        numbers = [is_numeric(columns[name]) for name in self.target]
        if len(self.target) > 1 and (self.classes or not all(numbers)):
            name = self.target[0] if self.classes else self.target[numbers.index(False)]
            raise DataError(
                f"`{name}` is one of several targets, and holds classes, not numbers",
                field="target",
            )
        class_names = None
        if self.classes or not numbers[0]:
            column = columns[self.target[0]]
            class_names = levels(table, column, numeric=numbers[0], field="target")
            settings["class_names"] = class_names
            if len(class_names) < 2:
                raise DataError(
                    f"`{self.target[0]}` holds one class only: {quoted(class_names[0])}",
                    field="target",
                )
        if class_names is None and self.split == "stratified":
            raise DataError(
                "parts with their share of each class need classes, and the target is numbers",
                "leave out split=stratified",
                "split",
            )
        if self.standardize_target and class_names is not None:
            raise DataError(
                f"`{self.target[0]}` holds classes, and only numbers can be standardised",
                "leave out standardize_target",
                "standardize_target",
            )
        lacking = {c.name: c.missing for c in table.columns if c.missing}
        empty = next((name for name in inputs if columns[name].is_empty), None)
        if self.fills and empty is not None:
            raise DataError(
                f"the column `{empty}` holds no values", f'ignore=["{empty}"] leaves it out', "file"
            )
        described = tuple(
            Column(
                name,
                kinds.get(name, ()),
                has_other=name in kinds and most is not None,
                date=dates.get(name),
                indicated=self.fills and self.indicators and name in lacking,
            )
            for name in inputs
        )
        if dates:
            settings["dates"] = {name: (d.form, d.periods) for name, d in dates.items()}
        if self.fills:
            settings["widths"] = {c.name: c.encoded for c in described if c.encoded > 1}
        needed = self.target if self.fills else columns
        return Description(
            (sum(column.width for column in described),),
            classes=len(class_names) if class_names else None,
            outputs=None if class_names else len(self.target),
            examples=table.rows,
            left_out=table.left_out,
            missing={name: count for name, count in lacking.items() if name in needed},
            filled={name: count for name, count in lacking.items() if name not in needed},
            title=title_of(self.file),
            settings=settings,
            inputs=described,
            names=class_names or self.target,
            signal=Signal(0, 1) if self.standardize else None,
            columns={name: sample_of(table, name) for name in inputs if name not in encoded},
            targets=() if class_names or len(self.target) > 1 else sample_of(table, self.target[0]),
            read="\n".join(
                self._lines(bool(kinds), class_names is not None, lacks_targets=table.left_out > 0)
            ),
        )

    def _lines(self, has_texts: bool, has_classes: bool, *, lacks_targets: bool) -> list[str]:
        """Return the statements that read the file, those of them that this table needs."""
        delimiter = "" if self.delimiter == "," else f"delimiter={quoted(self.delimiter)}, "
        first, one = quoted(self.target[0]), len(self.target) == 1
        drops = self.missing == "drop" or (self.fills and lacks_targets)
        point = '.replace(".", "").replace(",", ".")' * (self.decimal == ",")
        number = f"float(value{point})"
        row = ["values = dict(zip(header, row, strict=True))"]
        if len(self.ignore) == 1:
            row.append(f"values.pop({quoted(self.ignore[0])})   # not used")
        elif self.ignore:
            row += [f"for name in {listed(self.ignore)}:   # not used", "    values.pop(name)"]
        if drops:
            marked = "[name for name, value in values.items() if value in absent]"
            if self.fills:
                marked = f"[name for name in {listed(self.target)} if values[name] in absent]"
            row += [
                f"marked = {marked}",
                "if marked:",
                "    left_out += 1",
                "    lacking.update(marked)",
                "    continue",
            ]
        if has_classes:
            row += [
                f"if values[{first}] not in class_names:",
                f"    raise ValueError({quoted(f'unknown {self.target[0]}: ')} + values[{first}])",
                f"t.append(class_names.index(values.pop({first})))",
            ]
        elif one:
            row.append(f"t.append(float(values.pop({first}){point}))")
        else:
            row.append(
                f"t.append([float(values.pop(name){point}) for name in {listed(self.target)}])"
            )
        row += self._encoding(number, has_texts=has_texts)
        finite = "sum(numbers)" if has_classes else "sum(numbers) + t[-1]"
        if not has_classes and not one:
            finite = "sum(numbers) + sum(t[-1])"
        check = f"not math.isfinite({finite}):   # nan and inf remain in a sum"
        if self.fills:
            check = "math.inf in map(abs, numbers):"
        row += [
            f"if {check}",
            '    raise ValueError("not all of its numbers are finite")',
            "X.append(np.array(numbers, dtype))",
        ]
        to_type = "np.int64" if has_classes else "dtype"
        column = ".reshape(-1, 1)" if one and not has_classes else ""
        opened = 'path.open(newline="", encoding="utf-8-sig"'
        if self.file.endswith(".gz"):
            opened = 'gzip.open(path, "rt", newline="", encoding="utf-8-sig"'
        lines = ["X, t = [], []"]
        if drops or self.fills:
            lines.append(f"absent = {listed(MISSING)}   # no value")
        if drops:
            lines += [
                "left_out, lacking = 0, collections.Counter()   # rows, and why",
            ]
        lines += [
            f'with {opened}, errors="replace") as text:',
            f"    lines = csv.reader(text, {delimiter}skipinitialspace=True, strict=True)",
            "    rows = ([value.strip() for value in line] for line in lines)",
            "    rows = filter(any, rows)   # no empty lines",
            "    try:",
            "        header = next(rows)",
            "        for row in rows:",
            "            if len(row) != len(header):",
            '                raise ValueError("not as many values as in the header")',
            *(f"            {line}" for line in row),
            "    except (ValueError, csv.Error) as error:",
            '        where = "line {} of {}: {}"',
            "        raise ValueError(where.format(lines.line_num, path.name, error)) from None",
        ]
        if drops:
            lines += [
                "if left_out:",
                '    said = "rows are left out; values are missing:"',
                '    why = [name + " in " + str(n) for name, n in lacking.most_common(5)]',
                '    print(left_out, "of", left_out + len(t), said, ", ".join(why))',
            ]
        return [
            *lines,
            "X = np.array(X)",
            f"t = np.array(t, {to_type}){column}",
        ]

    def _encoding(self, number: str, *, has_texts: bool) -> list[str]:
        """Return the statements that make `numbers` of the inputs among the values of a row."""
        if not (has_texts or self.dates):
            if self.fills:
                number = f"math.nan if value in absent else {number}"
            return [f"numbers = [{number} for value in values.values()]"]
        cases = []
        if self.fills:
            nans = "numbers += [math.nan] * widths.get(name, 1)"
            cases.append(("value in absent:   # to be filled in", nans))
        if self.dates:
            parts = "numbers += date_parts(value, *dates[name])"
            cases.append(("name in dates:", parts))
        if not has_texts:
            cases.append(("", f"numbers.append({number})"))
        else:
            cases.append(("name not in levels:", f"numbers.append({number})"))
            each = "value == level for level in levels[name]"
            if self.max_categories is None:
                text = "value in levels[name]:   # a text: 0 and 1 for each of them"
                cases += [
                    (text, f"numbers += [{each}]"),
                    ("", 'raise ValueError("unknown " + name + ": " + value)'),
                ]
            else:
                other = "numbers.append(value not in levels[name])   # another text"
                cases.append(("", f"numbers += [{each}]\n{other}"))
        lines = ["numbers = []", "for name, value in values.items():"]
        for at, (case, made) in enumerate(cases):
            lines.append(f"    {'el' * (at > 0)}if {case}" if case else "    else:")
            lines += [f"        {line}" for line in made.split("\n")]
        return lines


@lru_cache(maxsize=4)
def _read(data: Csv, path: Path, changed: int, size: int) -> Table:
    """Return the table as it is used, without ignored columns. DataError.

    A file is read once as long as it stays as it is: a comparison has many specs of one table.
    """
    if len(data.delimiter) != 1 or data.delimiter in '"\r\n ':
        raise DataError("`delimiter` is one character: no quote, no space", field="delimiter")
    if data.decimal not in (".", ","):
        raise DataError('`decimal` is "." or ","', field="decimal")
    with open_rows(path, data.file, data.delimiter, "file") as rows:
        header = read_header(rows, data.file, "file")
        help = "write delimiter={}"
        require_delimiter(header, data.delimiter, data.file, help, "delimiter")
        for field in ("target", "ignore", "categories", "dates"):
            require_columns(header, getattr(data, field), field)
        for field in ("ignore", "categories", "dates"):
            both = [name for name in getattr(data, field) if name in data.target]
            if both:
                raise DataError(f"`{both[0]}` is the target, and in `{field}` as well", field=field)
        if not set(header) - {*data.target, *data.ignore}:
            raise DataError(
                "no column is left for the inputs", field="ignore" if data.ignore else "file"
            )
        texts = {*data.categories, *data.dates, *(data.target if data.classes else ())}
        if data.decimal == ",":
            rows = with_decimal_points(rows, header, texts | {*data.ignore})
        table = read_columns(
            rows,
            header,
            data.file,
            ignored=data.ignore,
            categorical=texts - {*data.dates},
            moments=data.dates,
            missing=data.missing,
            targets=data.target,
            max_levels=MAX_LEVELS if data.max_categories is None else MAX_TEXTS,
        )
    require_rows(table.rows + table.left_out, data.file, "file")
    if not table.rows:
        raise DataError("no row is left: in each a value is missing", field="missing")
    return table
