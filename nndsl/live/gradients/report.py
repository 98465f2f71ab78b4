"""The report of a gradient check: a row for each parameter; as text, JSON and JUnit."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from nndsl.live.gradients.verdict import NORM_RELATIVE, Check, Status

WIDTH = 80
NOTE = f"""\
rel. error: |script - true| / (|script| + |true|), over all entries checked. The true
gradient is the imaginary part of loss(p + 1e-30 i) / 1e-30, exact but for
rounding: a right gradient is near 1e-16, and {NORM_RELATIVE:.0e} is the limit. Of a large
model some entries are checked, and the sum of all along 8 random directions.
zero: both are nothing but rounding; such a gradient proves nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter, or the input: all checks of its gradient, and where the script computes it."""

    name: str
    shape: tuple[int, ...]
    checks: tuple[Check, ...]
    differences: float | None  # norm-relative error by the second oracle, on sampled entries
    kinks: int  # sampled entries that it left out because a decision changes
    status: Status
    line: int | None  # of the script; None: no script computes it
    code: str
    layer: str  # as it stands in the spec
    layer_line: int | None
    mistake: str = ""

    @property
    def entries(self) -> int:
        return math.prod(self.shape)

    @property
    def checked(self) -> int:
        return max(check.entries for check in self.checks)

    @property
    def worst(self) -> Check:
        """The check to show: a wrong one before a right one, then by its error."""
        order = {"wrong": 2, "ok": 1, "zero": 0}
        return max(
            self.checks,
            key=lambda c: (order[c.status], c.worst is not None, _number(c.norm_relative)),
        )


@dataclass(frozen=True, slots=True)
class Property:
    """Something beside the numbers that must hold: repeatable, nothing mutated …"""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a gradient check found."""

    name: str
    rows: tuple[Row, ...]
    properties: tuple[Property, ...]
    examples: int
    points: tuple[str, ...]
    redrawn: int  # points that were left because a decision was a tie
    script: str = "train.py"
    source: str = ""  # of the spec: its path

    @property
    def passed(self) -> bool:
        """Is every gradient right? A zero is no proof, and no failure."""
        return all(row.status != "wrong" for row in self.rows) and all(
            prop.passed for prop in self.properties
        )

    @property
    def failures(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.status == "wrong")

    def to_json(self) -> str:
        """Return the report as JSON. Numbers that are not finite are texts: "nan", "inf"."""
        rows = [
            {**asdict(row), "entries": row.entries, "checked": row.checked} for row in self.rows
        ]
        report = {
            "model": self.name,
            "passed": self.passed,
            "examples": self.examples,
            "points": self.points,
            "redrawn": self.redrawn,
            "rows": rows,
            "properties": [asdict(prop) for prop in self.properties],
        }
        return json.dumps(_finite(report), indent=2, ensure_ascii=False, allow_nan=False)

    def to_junit(self) -> str:
        """Return the report as JUnit XML: a test case for each parameter and each property."""
        from xml.etree import ElementTree

        failed = len(self.failures) + sum(not prop.passed for prop in self.properties)
        total = len(self.rows) + len(self.properties)
        suite = ElementTree.Element(
            "testsuite", name=f"gradients of {self.name}", tests=str(total), failures=str(failed)
        )
        for row in self.rows:
            case = ElementTree.SubElement(
                suite, "testcase", classname=self.name, name=f"gradient of {row.name}"
            )
            if row.status == "wrong":
                message = "\n".join(self._failure(row))
                ElementTree.SubElement(
                    case, "failure", message=message.split("\n")[0]
                ).text = message
            elif row.status == "zero":
                ElementTree.SubElement(case, "system-out").text = "zero: proves nothing"
        for prop in self.properties:
            case = ElementTree.SubElement(suite, "testcase", classname=self.name, name=prop.name)
            if not prop.passed:
                ElementTree.SubElement(case, "failure", message=prop.detail)
        ElementTree.indent(suite)
        return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)

    def __str__(self) -> str:
        """Return the report as text of 80 columns."""
        numbers = sum(row.entries for row in self.rows)
        lines = [
            f"gradients of {self.name}: {numbers:,} numbers, {self.examples} examples,",
            f"{' and '.join(self.points)}",
            "",
            *self._table(),
            "",
        ]
        for row in self.failures:
            lines += [*self._failure(row), ""]
        for prop in self.properties:
            if not prop.passed:
                lines += [f"{prop.name}: {prop.detail}", ""]
        wrong = len(self.failures) + sum(not prop.passed for prop in self.properties)
        verdict = "every gradient is right" if self.passed else f"{wrong} wrong"
        return "\n".join([*lines, NOTE, "", verdict])

    def _table(self) -> Iterator[str]:
        rows = [
            ("", "shape", "checked", "rel. error", "worst entry", "kinks", "line", "status"),
            *(self._cells(row) for row in self.rows),
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(8)]
        for row in rows:
            cells = [
                cell.ljust(width) if column in (0, 1, 4, 7) else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            yield "  ".join(cells).rstrip()

    def _cells(self, row: Row) -> tuple[str, ...]:
        check = row.worst
        error = "" if row.status == "zero" else f"{check.norm_relative:.1e}"
        checked = "all" if row.checked == row.entries else f"{row.checked} of {row.entries}"
        place = ""
        if check.worst is not None:
            place = f"({', '.join(map(str, check.worst.index))}) {check.worst.analytic:.3g}"
        return (
            row.name,
            " x ".join(map(str, row.shape)),
            checked,
            error,
            place,
            str(row.kinks),
            str(row.line or "-"),
            row.status,
        )

    def _failure(self, row: Row) -> Iterator[str]:
        check = row.worst
        part = "" if check.part == "total" else f" of the {check.part}"
        yield f"the gradient of {row.name}{part} is wrong ({check.point})"
        if check.worst is not None:
            entry = check.worst
            at = f"[{', '.join(map(str, entry.index))}]"
            yield f"  d{row.name}{at} is {entry.analytic:.10g} and should be {entry.numeric:.10g}"
        if row.line is not None:
            yield f"  {self.script} line {row.line}: {row.code}"
        if row.layer:
            yield f"  of {row.layer} ({self.source} line {row.layer_line})"
        if row.mistake:
            yield f"  likely: {row.mistake}"


def _number(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _finite(value: Any) -> Any:
    """Return a value whose numbers that JSON does not know are texts."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {key: _finite(part) for key, part in value.items()}
        case list() | tuple():
            return [_finite(part) for part in value]
    return value
