"""How a script reads a table: the statements that a page's `csv` becomes, and no more of them."""

from nndsl.data.script_text import listed, quoted
from nndsl.data.table import MISSING, PARQUET
from nndsl.record import record


@record
class Reading:
    """What there is to do with the rows of a table."""

    file: str
    delimiter: str
    decimal: str
    target: tuple[str, ...]
    dropped: tuple[str, ...]  # columns that are not used
    needed: tuple[str, ...]  # where one of these lacks a value, its row is left out
    fills: bool  # what is missing of others is filled in
    leaves_out: bool  # rows, as this file has it
    has_classes: bool
    has_texts: bool
    has_orders: bool
    has_dates: bool
    has_other: bool  # a column for texts that are not known
    groups: str | None = None
    weights: str | None = None
    time: str | None = None  # the column that rows are sorted by
    time_form: str = ""  # of its moments; empty: it holds numbers
    keeps_time: bool = False  # it is an input as well
    has_windows: bool = False
    series: str | None = None  # the column that says which one a row belongs to
    has_test: bool = False  # in a file of its own

    @property
    def text(self) -> str:
        """The statements that make X and t of the file `path`, or of `training` and `test`."""
        weighs = self.weights is not None
        lines = ["X, t, w = [], [], []   # w: how much a row counts" if weighs else "X, t = [], []"]
        lines += ["group_names = []   # of each row"] * (self.groups is not None)
        lines += [f"series = []   # {quoted(self.series)} of each row"] if self.series else []
        lines += [f"when = []   # {quoted(self.time)} of each row"] if self.time is not None else []
        if self.leaves_out or self.fills:
            lines.append(f"absent = {listed(MISSING)}   # no value")
        if self.leaves_out:
            lines.append("left_out, lacking = 0, collections.Counter()   # rows, and why")
        lines += self._rows()
        if self.leaves_out:
            lines += [
                "if left_out:",
                '    said = "rows are left out; values are missing:"',
                '    why = [name + " in " + str(n) for name, n in lacking.most_common(5)]',
                '    print(left_out, "of", left_out + len(t), said, ", ".join(why))',
            ]
        to_type = "np.int64" if self.has_classes else "dtype"
        column = "" if self.has_classes or len(self.target) > 1 else ".reshape(-1, 1)"
        lines += ["X = np.array(X)", f"t = np.array(t, {to_type}){column}"]
        lines += ["w = np.array(w)"] * weighs
        if self.time is not None:
            lines += [
                'order = np.argsort(np.array(when), kind="stable")   # the order of time',
                "X, t = X[order], t[order]",
            ]
            lines += ["w = w[order]"] * weighs
        if self.series:
            view = "np.lib.stride_tricks.sliding_window_view(own, window + horizon)"
            lines += [
                "series = np.array(series)[order]",
                "rows = []   # of each window, and what is predicted",
                "for name in np.unique(series):",
                "    own = np.flatnonzero(series == name)   # in the order of time",
                "    if len(own) >= window + horizon:",
                f"        rows.append({view})",
                "rows = np.concatenate(rows)",
                "rows = rows[rows[:, -1].argsort()]   # the latest at the end, of all series",
                "X, t = X[rows[:, :window]], t[rows[:, -1]]   # (N, steps, columns)",
            ]
        elif self.has_windows:
            window = "np.lib.stride_tricks.sliding_window_view(X[:-horizon], window, axis=0)"
            lines += [
                f"X = {window}",
                "X = X.transpose(0, 2, 1)   # (N, steps, columns)",
                "t = t[window + horizon - 1:]   # so many rows after the last one of the window",
            ]
        if self.has_test:
            both = ("X_test, t_test, w_test", "X, t, w") if weighs else ("X_test, t_test", "X, t")
            lines += ["if path == test:", f"    {' = '.join(both)}"]
            lines = ["for path in (test, training):", *(f"    {line}" for line in lines)]
        return "\n".join(lines)

    def _rows(self) -> list[str]:
        """Return the statements that go through the rows of the file at `path`."""
        row = [f"    {line}" for line in self._row()]
        if self.file.endswith(PARQUET):
            return [
                "table = pyarrow.parquet.read_table(path)",
                "header = table.column_names",
                "columns = [column.to_pylist() for column in table.columns]",
                "for number, row in enumerate(zip(*columns, strict=True), 1):",
                '    row = ["" if value is None else str(value).strip() for value in row]',
                "    try:",
                *(f"    {line}" for line in row),
                "    except ValueError as error:",
                '        where = "row {} of {}: {}"',
                "        raise ValueError(where.format(number, path.name, error)) from None",
            ]
        opened = 'path.open(newline="", encoding="utf-8-sig"'
        if self.file.endswith(".gz"):
            opened = 'gzip.open(path, "rt", newline="", encoding="utf-8-sig"'
        delimiter = "" if self.delimiter == "," else f"delimiter={quoted(self.delimiter)}, "
        return [
            f'with {opened}, errors="replace") as text:',
            f"    lines = csv.reader(text, {delimiter}skipinitialspace=True, strict=True)",
            "    rows = ([value.strip() for value in line] for line in lines)",
            "    rows = filter(any, rows)   # no empty lines",
            "    try:",
            "        header = next(rows)",
            "        for row in rows:",
            "            if len(row) != len(header):",
            '                raise ValueError("not as many values as in the header")',
            *(f"        {line}" for line in row),
            "    except (ValueError, csv.Error) as error:",
            '        where = "line {} of {}: {}"',
            "        raise ValueError(where.format(lines.line_num, path.name, error)) from None",
        ]

    def _row(self) -> list[str]:
        """Return the statements for a `row` of texts."""
        point = '.replace(".", "").replace(",", ".")' * (self.decimal == ",")
        number = f"float(value{point})"
        lines = ["values = dict(zip(header, row, strict=True))"]
        if len(self.dropped) == 1:
            lines.append(f"values.pop({quoted(self.dropped[0])})   # not used")
        elif self.dropped:
            lines += [f"for name in {listed(self.dropped)}:   # not used", "    values.pop(name)"]
        if self.leaves_out:
            marked = "[name for name, value in values.items() if value in absent]"
            if self.fills:
                marked = f"[name for name in {listed(self.needed)} if values[name] in absent]"
            lines += [
                f"marked = {marked}",
                "if marked:",
                "    left_out += 1",
                "    lacking.update(marked)",
                "    continue",
            ]
        if self.groups is not None:
            lines.append(f"group_names.append(values.pop({quoted(self.groups)}))")
        if self.weights is not None:
            lines.append(f"w.append(float(values.pop({quoted(self.weights)}){point}))")
        if self.series:
            lines.append(f"series.append(values[{quoted(self.series)}])")
        if self.time is not None:
            name = quoted(self.time)
            taken = f"values[{name}]" if self.keeps_time else f"values.pop({name})"
            moment = f"datetime.datetime.strptime({taken}, {quoted(self.time_form)})"
            lines.append(f"when.append({moment if self.time_form else f'float({taken}{point})'})")
        lines += self._targets(point)
        lines += self._encoding(number)
        finite = "sum(numbers)" if self.has_classes else "sum(numbers) + t[-1]"
        if not self.has_classes and len(self.target) > 1:
            finite = "sum(numbers) + sum(t[-1])"
        check = f"not math.isfinite({finite}):   # nan and inf remain in a sum"
        if self.fills:
            check = "math.inf in map(abs, numbers):"
        return [
            *lines,
            f"if {check}",
            '    raise ValueError("not all of its numbers are finite")',
            "X.append(np.array(numbers, dtype))",
        ]

    def _targets(self, point: str) -> list[str]:
        first = quoted(self.target[0])
        if self.has_classes:
            unknown = quoted(f"unknown {self.target[0]}: ")
            return [
                f"if values[{first}] not in class_names:",
                f"    raise ValueError({unknown} + values[{first}])",
                f"t.append(class_names.index(values.pop({first})))",
            ]
        taken = "values[{}]" if self.has_windows else "values.pop({})"  # its past is an input
        if len(self.target) == 1:
            return [f"t.append(float({taken.format(first)}{point}))"]
        one = f"float({taken.format('name')}{point})"
        return [f"t.append([{one} for name in {listed(self.target)}])"]

    def _encoding(self, number: str) -> list[str]:
        """Return the statements that make `numbers` of the inputs among the values of a row."""
        if not (self.has_texts or self.has_orders or self.has_dates):
            if self.fills:
                number = f"math.nan if value in absent else {number}"
            return [f"numbers = [{number} for value in values.values()]"]
        cases = []
        if self.fills:
            nans = "numbers += [math.nan] * widths.get(name, 1)"
            cases.append(("value in absent:   # to be filled in", nans))
        if self.has_dates:
            parts = "numbers += date_parts(value, *dates[name])"
            cases.append(("name in dates:", parts))
        if self.has_orders:
            place = "numbers.append(orders[name].index(value))"
            cases.append(("value in orders.get(name, ()):   # its place, from 0", place))
        if not self.has_texts:
            cases.append(("", f"numbers.append({number})"))
        else:
            cases.append(("name not in levels:", f"numbers.append({number})"))
            each = "value == level for level in levels[name]"
            if not self.has_other:
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
