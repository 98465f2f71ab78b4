"""Tables in CSV files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from nndsl.data import Column, DataError, Description, Signal, inputs_of
from nndsl.data.dates import DATE_PARTS, DateForm, doubt_of_order
from nndsl.data.leaks import leaks
from nndsl.data.script_text import quoted
from nndsl.data.shared_rows import shared_rows
from nndsl.data.source_file import find_file, title_of
from nndsl.data.table import (
    MAX_LEVELS,
    MAX_TEXTS,
    Table,
    TableColumn,
    date_form_of,
    is_numeric,
    levels,
    number_of,
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
from nndsl.vocabulary.builtin import Names, Size
from nndsl.vocabulary.dataset import Data, Part
from nndsl.vocabulary.preparation import STANDARDIZE_TARGET, Preparation, impute
from nndsl.vocabulary.table_reading import Reading

if TYPE_CHECKING:
    from nndsl.data.new_examples import Frame, NewExamples


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
        description="path of the file, relative to the spec; or of a .csv.gz, a .parquet",
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
    ordinal: Names = Field(
        (),
        description="columns whose texts have an order, with that order: each becomes one number",
        examples=['"size: small < medium < large"'],
    )
    dates: Names = Field(
        (), description="columns of moments: a number, and circles of year, week, day"
    )
    max_categories: Annotated[int, Field(ge=2, le=MAX_LEVELS)] | None = Field(
        None, description="columns that one of texts becomes at most, the last for all other texts"
    )
    missing: Literal["error", "drop", "mean", "median", "most_frequent"] = Field(
        "error",
        description="where a value is missing: say so, leave the row out, or fill it in; a text "
        "that is missing by the most frequent one",
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
    groups: str | None = Field(
        None, description="column of what rows belong to, a patient: its rows stay in one part"
    )
    weights: str | None = Field(
        None,
        description="column of how much a row counts: in measures, and so often training draws it",
    )
    time: str | None = Field(
        None, description="column that rows are sorted by: the latest ones are held back"
    )
    window: Size | None = Field(
        None, description="rows of an example: the last ones, with the past of the target"
    )
    series: str | None = Field(
        None, description="column that says which of several series a row belongs to"
    )
    horizon: Size = Field(1, description="rows from the end of a window to what is predicted")
    test: Part | str = Field(  # type: ignore[assignment]
        0, description="part touched once, at the end: a count, a fraction, or another file"
    )

    modules = ("collections", "csv", "datetime", "gzip", "pyarrow.parquet")
    functions = DATE_PARTS
    notes = {
        "levels": "columns of texts: each text becomes a column of 0 and 1",
        "orders": "columns of texts that become their places in an order",
        "dates": "columns of moments: how they are written, and circles in days",
        "widths": "inputs that columns become, where they are several",
        "class_names": "in the order of their numbers",
    }
    resizing = "standardize=true"
    resizing_targets = "standardize_target=true"
    prepares = (
        "ignore",
        "categories",
        "ordinal",
        "dates",
        "groups",
        "time",
        "window",
        "series",
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
        if self.groups is not None:
            return "grouped"
        return "in_order" if self.time or self.window else self.split

    @property
    def weighs(self) -> bool:
        return self.weights is not None

    @property
    def has_own_test(self) -> bool:
        return isinstance(self.test, str)

    @property
    def orders(self) -> dict[str, tuple[str, ...]]:
        """The texts of each column of `ordinal`, in their order. DataError."""
        found = {}
        for text in self.ordinal:
            name, sign, values = text.partition(":")
            order = tuple(value.strip() for value in values.split("<"))
            if not sign or len(order) < 2 or len({*order}) < len(order) or "" in order:
                wrong = f"`{text}` names no column and the order of its texts"
                help = 'as in ordinal="size: small < medium < large"'
                raise DataError(wrong, help, "ordinal")
            found[name.strip()] = order
        return found

    @property
    def why_lacking(self) -> str:
        if self.window:
            return f"a window of {self.window} rows does not end there"
        return super().why_lacking

    @property
    def why_unlabelled(self) -> str:
        if self.window:
            return self.why_lacking
        alone = self.missing != "drop" and not self.weighs
        return "the target is missing" if alone else super().why_unlabelled

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The columns that are no inputs, by the field that names them."""
        given = {name: getattr(self, name) for name in ("groups", "time", "weights")}
        alone = {n: (column,) for n, column in given.items() if column and column not in self.dates}
        past = () if self.window else self.target
        return {"target": past, "ignore": self.ignore, **alone}

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without whose value a row is of no use."""
        others = (self.groups, self.time, self.weights, self.series)
        return (*self.target, *(name for name in others if name))

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
            texts = [
                range(places[column.name][0], places[column.name][0] + column.encoded)
                for column in described.inputs
                if column.levels
            ]
            steps = (impute(self.missing, indicated, texts), *steps)
        scaled = self.standardize_target and described.classes is None
        return Preparation(steps, STANDARDIZE_TARGET if scaled else None)

    def read_new(self, path: Path, known: Description) -> NewExamples:
        series = (self.series,) if self.series else ()
        found = self._read_columns_of(path, known, known.inputs, lacks_none=series)
        others = {name for names in self.roles.values() for name in names} | {*self.needed}
        unused = tuple(name for name in found.unused if name not in others)
        return replace(self._in_windows(found, known, str(path)), unused=unused)

    def encode_new(self, rows: Iterable[Sequence[str]], known: Description) -> NewExamples:
        return self._in_windows(super().encode_new(rows, known), known, "examples")

    def read_labelled(
        self, path: Path | Frame, known: Description
    ) -> tuple[NewExamples, list[list[float]]]:
        asked = known.inputs
        if not self.window:  # else the past of the targets is among the inputs
            classes = known.names if known.classes else ()
            asked = (*asked, *(Column(name, order=classes) for name in self.target))
            asked = (*asked, *(Column(name) for name in (self.weights,) if name))
        found = self._read_columns_of(path, known, asked, lacks_none=self.needed)
        if self.window:
            name = str(path) if isinstance(path, Path) else "examples"
            places = inputs_of(known.inputs)
            columns = [places[name][0] for name in self.target]
            targets = [[row[place] for place in columns] for row in found.numbers]
            rows = self._window_rows(found, known, name, ahead=self.horizon)
            found = self._in_windows(found, known, name, ahead=self.horizon)
            return found, [targets[own[-1]] for own in rows]
        width = len(found.numbers[0]) - len(self.target) - self.weighs
        numbers = [row[:width] for row in found.numbers]
        return replace(found, numbers=numbers), [row[width:] for row in found.numbers]

    def _read_columns_of(
        self,
        path: Path | Frame,
        known: Description,
        columns: Sequence[Column],
        lacks_none: Collection[str] = (),
    ) -> NewExamples:
        """Read columns of a file; for windows in the order of time, where the file tells it."""
        from nndsl.data.new_examples import read_named

        form = DateForm(known.time_form) if known.time_form else None
        in_time = [Column(self.time, date=form)] if self.time else []
        if not self.window or (in_time and not self._has_column(path, in_time[0].name)):
            in_time = []
        added = [column for column in in_time if column.name not in self.dates]
        found = read_named(
            path,
            [*columns, *added],
            delimiter=self.delimiter,
            missing=self.missing,
            decimal=self.decimal,
            needed=[*lacks_none, *(column.name for column in in_time)],
        )
        if not in_time:
            return found
        before = [c.name for c in (*columns, *added)].index(in_time[0].name)
        place = sum(column.encoded for column in columns[:before])
        order = sorted(range(len(found.rows)), key=lambda at: found.numbers[at][place])
        numbers = [found.numbers[at][: len(found.numbers[at]) - len(added)] for at in order]
        return replace(found, numbers=numbers, rows=[found.rows[at] for at in order])

    def _has_column(self, path: Path | Frame, name: str) -> bool:
        if not isinstance(path, Path):
            return name in path.columns
        with open_rows(path, str(path), self.delimiter, "file") as rows:
            return name in read_header(rows, str(path), "file")

    def _in_windows(
        self, found: NewExamples, known: Description, name: str, ahead: int = 0
    ) -> NewExamples:
        """Return rows with those before them, where an example is a window; they are none else."""
        size = self.window
        if size is None:
            return found
        places = self._window_rows(found, known, name, ahead)
        windows: list[Any] = [[found.numbers[at] for at in own[:size]] for own in places]
        ends = [own[size - 1] for own in places]
        others = {*range(len(found.rows))} - {*ends}
        lacking = sorted({*found.lacking, *(found.rows[at] for at in others)})
        return replace(
            found, numbers=windows, rows=[found.rows[end] for end in ends], lacking=lacking
        )

    def _window_rows(
        self, found: NewExamples, known: Description, name: str, ahead: int = 0
    ) -> list[list[int]]:
        """Return the places of each window's rows, and of so many `ahead`: all of one series."""
        columns = inputs_of(known.inputs)[self.series] if self.series else []
        has_other = any(c.has_other for c in known.inputs if c.name == self.series)
        own: dict[tuple[float, ...], list[int]] = {}
        for at, numbers in enumerate(found.numbers):
            series = tuple(numbers[column] for column in columns)
            if series and 1 not in series[: len(series) - has_other]:
                row = found.rows[at]
                wrong = f"row {row}: `{self.series}` is of a series that was not there in training"
                raise DataError(wrong)
            own.setdefault(series, []).append(at)
        size = (self.window or 0) + ahead
        rows = [
            places[first : first + size]
            for places in own.values()
            for first in range(len(places) - size + 1)
        ]
        if not rows:
            count = f"{len(found.numbers)} rows"
            count += f" in {len(own)} series" if self.series else ""
            raise DataError(f"`{name}` has {count}, and an example is a window of {size}")
        return sorted(rows, key=lambda places: places[-1])

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
        if isinstance(self.test, str):
            return {"training": folder / self.file, "test": folder / self.test}
        return {"path": folder / self.file}

    def describe(self, folder: Path) -> Description:
        path = find_file(folder, self.file, "file")
        described = _placed(path, lambda: self._described(path))
        if not isinstance(self.test, str):
            return described
        other = find_file(folder, self.test, "test")
        if other.name == path.name:
            wrong = f"both files are called {path.name}, and a script reads them beside itself"
            raise DataError(wrong, "rename one of them", "test")
        return _placed(other, lambda: self._with_test(described, path, other))

    def _with_test(self, described: Description, path: Path, other: Path) -> Description:
        """Return what is known with the file of the test part, in which all is as in the first."""
        headers = []
        for file in (path, other):
            with open_rows(file, str(file), self.delimiter, "test") as rows:
                headers.append(read_header(rows, file.name, "test"))
        if headers[0] != headers[1]:
            lacks = [name for name in headers[0] if name not in headers[1]]
            more = [name for name in headers[1] if name not in headers[0]]
            what = f"lacks `{lacks[0]}`" if lacks else f"has `{more[0]}`" if more else "has others"
            wrong = f"`{self.test}` {what}: its columns are not those of `{self.file}`, in order"
            raise DataError(wrong, "`nndsl evaluate --input` takes columns in any order", "test")
        try:
            found, targets = self.read_labelled(other, described)
        except DataError as error:
            error.field = "test"
            raise
        if self.window:
            targets = targets[: len(found.numbers)]
        shared = 0
        if not self.window:  # a window of the test part may reach back into what was trained on
            ignored = {*self.ignore, *([self.weights] if self.weights else [])}
            shared = shared_rows(path, other, self.delimiter, ignored)
        return replace(described, test_examples=len(targets), shared_rows=shared)

    def _described(self, path: Path) -> Description:
        changed = path.stat()
        table, numeric_time = _read(self, path, changed.st_mtime_ns, changed.st_size)
        columns = {column.name: column for column in table.columns}
        others = {name for names in self.roles.values() for name in names}
        inputs = [name for name in columns if name not in others]
        described = tuple(self._input_column(table, columns[name]) for name in inputs)
        class_names = self._class_names(table, columns)
        self._require_weights(columns)
        self._require_fitting(table, columns, inputs, is_classes=bool(class_names))
        shape, examples = self._shape(table, columns, sum(column.width for column in described))
        lacking = {c.name: c.missing for c in table.columns if c.missing}
        needed = self.needed if self.fills else columns
        time_form = ""
        if self.time and not numeric_time:
            time_form = date_form_of(columns[self.time]).form
        return Description(
            shape,
            classes=len(class_names) if class_names else None,
            outputs=None if class_names else len(self.target),
            examples=examples,
            left_out=table.left_out,
            missing={name: count for name, count in lacking.items() if name in needed},
            filled={name: count for name, count in lacking.items() if name not in needed},
            title=title_of(self.file),
            settings=self._settings(described, class_names),
            inputs=described,
            time_form=time_form,
            names=class_names or self.target,
            signal=Signal(0, 1) if self.standardize else None,
            columns={
                column.name: sample_of(table, column.name)
                for column in described
                if not (column.levels or column.date or column.order)
                and column.name not in self.target
            },
            targets=() if class_names or len(self.target) > 1 else sample_of(table, self.target[0]),
            date_doubts=_date_doubts(table.columns),
            leaks=leaks(
                table,
                self.target[0],
                [column.name for column in described if not column.date],
                has_classes=bool(class_names),
            )
            if len(self.target) == 1 and not self.window  # it holds the past of the target
            else {},
            read=self._reading(table, described, time_form, has_classes=bool(class_names)).text,
        )

    def _input_column(self, table: Table, column: TableColumn) -> Column:
        """Return what becomes of an input: a date, an order, texts, or numbers. DataError."""
        name, order = column.name, self.orders.get(column.name, ())
        indicated = self.fills and self.indicators and column.missing > 0
        if name in self.dates:
            return Column(name, date=date_form_of(column), indicated=indicated)
        if order:
            _require_known(column, order)
            return Column(name, order=order, indicated=indicated)
        numeric = is_numeric(column)
        if numeric and not column.is_categorical:
            low, high = (column.low, column.high) if column.low <= column.high else (None, None)
            return Column(name, indicated=indicated, low=low, high=high)
        most = self.max_categories
        return Column(
            name,
            levels(
                table,
                column,
                numeric=numeric,
                field="file",
                most=None if name == self.series else most,
            ),
            has_other=most is not None,
            lacks_other=most is not None and len(column.levels) < most,
            indicated=indicated,
        )

    def _require_weights(self, columns: Mapping[str, TableColumn]) -> None:
        if self.weights is None:
            return
        column = columns[self.weights]
        if not is_numeric(column) or column.low < 0 or column.high == 0:
            raise DataError(
                f"`{self.weights}` is no column of weights: numbers from 0 on, and not all 0",
                field="weights",
            )

    def _shape(
        self, table: Table, columns: Mapping[str, TableColumn], features: int
    ) -> tuple[tuple[int, ...], int]:
        """Return the shape of an example, and how many there are."""
        if not self.window:
            return (features,), table.rows
        counts = columns[self.series].levels.values() if self.series else (table.rows,)
        examples = sum(max(0, n - self.window - self.horizon + 1) for n in counts)
        return (self.window, features), examples

    def _settings(
        self, described: Sequence[Column], class_names: tuple[str, ...] | None
    ) -> dict[str, Any]:
        """Return the constants of the script that the file decides."""
        settings: dict[str, Any] = {"levels": {c.name: c.levels for c in described if c.levels}}
        if self.orders:
            settings["orders"] = self.orders
        if class_names:
            settings["class_names"] = class_names
        dates = {c.name: (c.date.form, c.date.periods) for c in described if c.date}
        if dates:
            settings["dates"] = dates
        if self.fills:
            settings["widths"] = {c.name: c.encoded for c in described if c.encoded > 1}
        return settings

    def _reading(
        self, table: Table, described: Sequence[Column], time_form: str, *, has_classes: bool
    ) -> Reading:
        return Reading(
            file=self.file,
            delimiter=self.delimiter,
            decimal=self.decimal,
            target=self.target,
            dropped=self.ignore,
            needed=self.needed,
            fills=self.fills,
            leaves_out=self.missing == "drop" or (self.fills and table.left_out > 0),
            has_classes=has_classes,
            has_texts=any(column.levels for column in described),
            has_orders=bool(self.orders),
            has_dates=any(column.date for column in described),
            has_other=self.max_categories is not None,
            groups=self.groups,
            weights=self.weights,
            time=self.time,
            time_form=time_form,
            keeps_time=self.time in self.dates,
            has_windows=bool(self.window),
            series=self.series,
            has_test=self.has_own_test,
        )

    def _class_names(
        self, table: Table, columns: Mapping[str, TableColumn]
    ) -> tuple[str, ...] | None:
        """Return the names of the classes of the target, None where it is numbers. DataError."""
        numbers = [is_numeric(columns[name]) for name in self.target]
        first = self.target[0]
        if len(self.target) > 1 and (self.classes or not all(numbers)):
            name = first if self.classes else self.target[numbers.index(False)]
            wrong = f"`{name}` is one of several targets, and holds classes, not numbers"
            raise DataError(wrong, field="target")
        if not self.classes and numbers[0]:
            return None
        found = levels(table, columns[first], numeric=numbers[0], field="target")
        if len(found) < 2:
            wrong = f"`{first}` holds one class only: {quoted(found[0])}"
            raise DataError(wrong, field="target")
        return found

    def _require_fitting(
        self,
        table: Table,
        columns: Mapping[str, TableColumn],
        inputs: Sequence[str],
        *,
        is_classes: bool,
    ) -> None:
        """DataError where settings do not fit the table, or each other."""
        target = self.target[0]
        empty = next((name for name in inputs if columns[name].is_empty), None)
        held = [part for part in (self.validation, self.test) if part and not isinstance(part, str)]
        largest = max(columns[self.groups].levels.values()) if self.groups else 0
        longest = max(columns[self.series].levels.values()) if self.series else table.rows
        rest = table.rows - sum(p if isinstance(p, int) else p * table.rows for p in held)
        refused = (
            (
                not is_classes and self.split == "stratified",
                "parts with their share of each class need classes, and the target is numbers",
                "leave out split=stratified",
                "split",
            ),
            (
                is_classes and self.standardize_target,
                f"`{target}` holds classes, and only numbers can be standardised",
                "leave out standardize_target",
                "standardize_target",
            ),
            (
                self.fills and empty is not None,
                f"the column `{empty}` holds no values",
                f'ignore=["{empty}"] leaves it out',
                "file",
            ),
            (
                self.split != "shuffled" and self.order not in (self.split, "shuffled"),
                "rows are held back in one way: by `split`, by `groups`, or by `time` and `window`",
                "leave out `split`",
                "split",
            ),
            (
                bool(self.groups and (self.time or self.window)),
                "rows are held back in one way: by `groups`, or by `time` and `window`",
                "leave out `groups`",
                "groups",
            ),
            (
                bool(self.groups) and bool(held) and largest * len(held) >= rest,
                f"`{self.groups}` has a group of {largest} rows among {table.rows}: parts of whole "
                "groups may leave nothing to train on",
                "smaller parts, or a column with more groups",
                "groups",
            ),
            (
                bool(self.weights and self.window),
                "rows of a window do not count each by itself",
                "leave out `weights`",
                "weights",
            ),
            (
                bool(self.window) and is_classes,
                f"a window holds the past of the target, and `{target}` holds classes",
                "windows are for numbers",
                "window",
            ),
            (
                bool(self.window) and table.left_out > 0,
                f"a window is of rows that follow each other, and {table.left_out} are left out",
                "missing=mean or median fills in what inputs lack; a target lacks none",
                "window",
            ),
            (
                bool(self.window) and self.missing == "most_frequent",
                "what a window lacks is filled in by mean or median",
                "missing=median",
                "missing",
            ),
            (
                bool(self.series) and not (self.window and self.time),
                "`series` keeps the windows of several apart, in the order of time",
                "name `window` and `time` as well",
                "series",
            ),
            (
                longest < (self.window or 0) + self.horizon,
                f"{longest} rows hold no window of {self.window} and a row {self.horizon} later",
                None,
                "window",
            ),
        )
        for is_wrong, message, help, field in refused:
            if is_wrong:
                raise DataError(message, help, field)


def _date_doubts(columns: Iterable[TableColumn]) -> dict[str, str]:
    """Return why day and month may be meant the other way round, by column of moments."""
    found = {}
    for column in columns:
        ends = [end[column.date_forms[0]] for end in (column.first, column.last) if end]
        if column.is_moment and (doubt := doubt_of_order(ends, column.date_forms)):
            found[column.name] = doubt
    return found


def _placed(path: Path, describe: Callable[[], Description]) -> Description:
    """Return what is known of a file; a DataError about a line of it has its place."""
    try:
        return describe()
    except DataError as error:
        if error.line:
            error.span = place_in(path, str(path), error.line, error.value)
        raise


def _require_known(column: TableColumn, order: Sequence[str]) -> None:
    unknown = next((text for text in column.levels if text not in order), None)
    if unknown is not None:
        wrong = f"`{column.name}` holds `{unknown}`, which has no place in its order"
        raise DataError(wrong, f"name all: {' < '.join([*order, unknown])}", "ordinal")


@lru_cache(maxsize=4)
def _read(data: Csv, path: Path, changed: int, size: int) -> tuple[Table, bool]:
    """Return the table as it is used, without ignored columns, and whether its time is numbers.

    A file is read once as long as it stays as it is: a comparison has many specs of one table.
    DataError.
    """
    if len(data.delimiter) != 1 or data.delimiter in '"\r\n ':
        raise DataError("`delimiter` is one character: no quote, no space", field="delimiter")
    if data.decimal not in (".", ","):
        raise DataError('`decimal` is "." or ","', field="decimal")
    orders = tuple(data.orders)
    with open_rows(path, data.file, data.delimiter, "file") as rows:
        header = read_header(rows, data.file, "file")
        help = "write delimiter={}"
        require_delimiter(header, data.delimiter, data.file, help, "delimiter")
        named = {"ignore": data.ignore, "categories": data.categories, "ordinal": orders}
        named |= {"dates": data.dates}
        named |= {
            field: (name,)
            for field in ("groups", "time", "weights", "series")
            if (name := getattr(data, field))
        }
        for field, names in {"target": data.target, **named}.items():
            require_columns(header, names, field)
            both = [name for name in names if name in data.target]
            if both and field != "target":
                raise DataError(f"`{both[0]}` is the target, and in `{field}` as well", field=field)
            if field in ("groups", "time", "weights", "series") and names[0] in data.ignore:
                wrong = f"`{names[0]}` is named by `{field}`, and is in `ignore` as well"
                raise DataError(wrong, "leave it out of `ignore`", "ignore")
        if not set(header) - {name for names in data.roles.values() for name in names}:
            raise DataError(
                "no column is left for the inputs", field="ignore" if data.ignore else "file"
            )
        numeric_time = False
        if data.time is not None and (first := next(rows, None)) is not None:
            at = header.index(data.time)
            numeric_time = len(first[1]) > at and number_of(first[1][at]) is not None
            rows = chain([first], rows)
        moments = {*data.dates, *({data.time} if data.time and not numeric_time else ())}
        texts = {*data.categories, *orders, *(data.target if data.classes else ())}
        texts |= {name for name in (data.groups, data.series) if name}
        if data.decimal == ",":
            rows = with_decimal_points(rows, header, texts | moments | {*data.ignore})
        table = read_columns(
            rows,
            header,
            data.file,
            ignored=data.ignore,
            categorical=texts,
            moments=moments,
            missing=data.missing,
            targets=data.needed,
            max_levels=MAX_LEVELS
            if data.max_categories is None and data.groups is None
            else MAX_TEXTS,
        )
    require_rows(table.rows + table.left_out, data.file, "file")
    if not table.rows:
        raise DataError("no row is left: in each a value is missing", field="missing")
    return table, numeric_time
