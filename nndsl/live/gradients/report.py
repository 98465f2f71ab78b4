"""The report of a gradient check: a row for each parameter; as text, JSON and JUnit."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from nndsl.columns import folded
from nndsl.displayed import Displayed
from nndsl.languages import in_a_row, sentence, translated, translated_check
from nndsl.languages.widths import width, wrap
from nndsl.live.gradients.culprit import Culprit
from nndsl.live.gradients.verdict import NORM_RELATIVE, Check, Status, worst_of

WIDTH = 80
NOTE = f"""\
rel. error: |script - true| / (|script| + |true|) over what is checked. The true
gradient is the imaginary part of loss(p + 1e-30 i) / 1e-30, which is exact but
for rounding: a right gradient is near 1e-16, and {NORM_RELATIVE:.0e} is the limit
beside what rounding moves where large terms cancel.
Of a large model some entries are checked, and all of them along 8 directions.
zero: nothing but rounding is left of both; such a gradient proves nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter, or the input: all checks of its gradient, and where the script computes it."""

    name: str
    shape: tuple[int, ...]
    checks: tuple[Check, ...]
    differences: float  # of the two oracles on sampled entries, norm-relative
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
        """The check to show."""
        return worst_of(self.checks)


def status_of(checks: Iterable[Check]) -> Status:
    """Return what several checks say of one gradient: it is wrong where one of them says so."""
    statuses = {check.status for check in checks}
    return "wrong" if "wrong" in statuses else "ok" if "ok" in statuses else "zero"


@dataclass(frozen=True, slots=True)
class Property:
    """Something beside the numbers that must hold: repeatable, nothing mutated …"""

    name: str
    passed: bool
    detail: str
    says: str = ""  # where it holds
    line: int | None = None  # of the script, where it does not
    code: str = ""
    should: str = ""  # what the script of the page has there
    help: str = ""  # the way out
    page_line: int | None = None  # of the spec, where that is wrong: its code is `code`
    page: str = ""  # the file of that line, where it is a word that the spec imports


@dataclass(frozen=True, slots=True)
class Report(Displayed):
    """What a gradient check found."""

    name: str
    rows: tuple[Row, ...]
    properties: tuple[Property, ...]
    examples: int
    points: tuple[str, ...]
    redrawn: int  # points that were left because a decision was a tie
    glances: tuple[str, ...] = ()  # more points, at which everything was checked at once
    culprit: Culprit | None = None
    script: str = "train.py"
    source: str = ""  # of the spec: its path
    is_judged: bool = False  # by the page, whatever text the script has
    note: str = NOTE

    @property
    def passed(self) -> bool:
        """Is every gradient right? A zero is no proof, and no failure."""
        return all(row.status != "wrong" for row in self.rows) and all(
            prop.passed for prop in self.properties
        )

    def __repr__(self) -> str:
        found = "every gradient is right" if self.passed else "wrong"
        return f"<Report of {self.name}: {found}>"

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
            "script": self.script,
            "spec": self.source,
            "judged": self.is_judged,
            "passed": self.passed,
            "examples": self.examples,
            "points": self.points,
            "redrawn": self.redrawn,
            "glances": self.glances,
            "culprit": asdict(self.culprit) if self.culprit else None,
            "rows": rows,
            "properties": [asdict(prop) for prop in self.properties],
        }
        return json.dumps(_finite(report), indent=2, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Return the report that `to_json` wrote."""
        names = {"model": "name", "spec": "source", "judged": "is_judged"}
        held = {names.get(key, key): value for key, value in json.loads(text).items()}
        return TypeAdapter(cls).validate_python(held)  # "nan" is a number

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
                message = "\n".join(self._broken(prop))
                ElementTree.SubElement(case, "failure", message=prop.detail).text = message
        ElementTree.indent(suite)
        return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)

    def __str__(self) -> str:
        """Return the report as text of 80 columns."""
        numbers = sum(row.entries for row in self.rows)
        lines = [
            *wrap(translated(self._head(numbers)), WIDTH),
            *wrap(translated(self._points()), WIDTH),
            "",
            *(self._table() if self.rows else ()),
            *([""] if self.rows else ()),
        ]
        broken = [line for p in self.properties if not p.passed for line in (*self._broken(p), "")]
        failures = [*self._failures()]
        lines += [*broken, *failures] if self.is_judged else [*failures, *broken]
        says = (prop.says for prop in self.properties if prop.passed and prop.says)
        lines += [line for text in says for line in (*_wrapped(text, ""), "")]
        wrong = len(self.failures) + sum(not prop.passed for prop in self.properties)
        zeros = [row.name for row in self.rows if row.status == "zero"]
        verdict = sentence("every gradient is right" if self.passed else f"{wrong} wrong")
        if zeros:
            are = "is" if len(zeros) == 1 else "are"
            known = {"verdict": verdict, "names": ", ".join(zeros)}
            verdict = sentence(f"{{verdict}}; {{names}} {are} zero", **known)
        note = [_in_language(self.note), ""] if self.rows else []
        return "\n".join([*lines, *note, translated(verdict)])

    def _head(self, numbers: int) -> str:
        what = sentence("gradients of {name}", name=self.name)
        if self.is_judged:
            known = {"script": self.script, "page": self.source}
            what = sentence("{script}, held to {page}", **known)
        if not self.rows:
            return what
        head = f"{{what}}: {{numbers}} number{'s' * (numbers != 1)},"
        if self.examples:
            head += f" {{examples}} example{'s' * (self.examples != 1)},"
        return sentence(head, what=what, numbers=f"{numbers:,}", examples=self.examples)

    def _points(self) -> str:
        if not self.points:
            return ""
        points = in_a_row(*map(sentence, self.points))
        if not self.glances:
            return points
        glances = in_a_row(*(sentence(label.removeprefix("with ")) for label in self.glances))
        return sentence("{points}; and all at once with {glances}", points=points, glances=glances)

    def _table(self) -> Iterator[str]:
        heads = ("", "shape", "checked", "rel. error", "worst entry", "kinks", "line", "status")
        rows = [tuple(map(translated, heads)), *(self._cells(row) for row in self.rows)]
        yield from folded(rows, (2, 3, 5, 6), width)

    def _cells(self, row: Row) -> tuple[str, ...]:
        check = row.worst
        error = "" if row.status == "zero" else f"{check.norm_relative:.1e}"
        is_whole = row.checked == row.entries
        part = sentence("{checked} of {all}", checked=row.checked, all=row.entries)
        place = ""
        if check.worst is not None:
            index = check.worst.index
            at = f"({', '.join(map(str, index))}) " if index else ""  # a number has no places
            place = f"{at}{check.worst.analytic:.3g}"
        return (
            row.name,
            " x ".join(map(str, row.shape)),
            translated("all" if is_whole else part),
            error,
            place,
            str(row.kinks),
            str(row.line or "-"),
            row.status,
        )

    def _failures(self) -> Iterator[str]:
        """Yield what is wrong: the cause, and what follows from it."""
        culprit = self.culprit
        if culprit is not None and culprit.says:
            yield translated_check("the first variable that is wrong:")
            for line in culprit.says.split("\n"):
                yield from _wrapped(line)
            yield from self._place(culprit)
            yield ""
        elif culprit is not None:
            fails = f"the script fails where it makes {culprit.variable}:"
            first = f"{culprit.variable} is the first gradient that is wrong:"
            yield translated_check(first if self.rows else fails)
            yield from self._place(culprit)
            if culprit.first_line is not None:
                yield from _wrapped(f"it is made from line {culprit.first_line} on")
            yield ""
        for row in self.failures:
            yield from self._failure(row)
            if culprit is None:
                yield from self._place(row)
        if self.failures:
            yield ""

    def _failure(self, row: Row) -> Iterator[str]:
        check = row.worst
        part = "" if check.part == "total" else f" of the {check.part}"
        if check.worst is None or not check.entries:
            said = f"the gradient of {row.name}{part} is wrong ({check.point})"
        else:
            index = check.worst.index
            at = f"[{', '.join(map(str, index))}]" if index else ""
            is_now, true = told_apart(check.worst.analytic, check.worst.numeric)
            said = f"d{row.name}{at}{part} is {is_now} and should be {true} ({check.point})"
        yield translated_check(said)

    def _broken(self, prop: Property) -> Iterator[str]:
        yield from _wrapped(f"{prop.name}: no. {prop.detail}", "")
        if prop.line is not None:
            yield from _wrapped(f"{self.script} line {prop.line}: {prop.code}")
        if prop.page_line is not None:
            page = prop.page or self.source
            yield from _wrapped(f"{page} line {prop.page_line}: {prop.code}")
        if prop.should:
            yield from _wrapped(f"as built: {prop.should}")
        if prop.help:
            yield from _wrapped(prop.help)

    def _place(self, wrong: Row | Culprit) -> Iterator[str]:
        if wrong.line is not None:
            yield from _wrapped(f"{self.script} line {wrong.line}: {wrong.code}")
        if wrong.layer:
            yield from _wrapped(f"of {wrong.layer} ({self.source} line {wrong.layer_line})")
        if wrong.mistake:
            yield from _wrapped(f"likely: {wrong.mistake}")


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to see that they differ."""
    for digits in (9, 12, 15):
        written = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if written[0] != written[1]:
            return written
    return repr(float(one)), repr(float(other))


def _in_language(note: str) -> str:
    """Return a note of several lines as it is, or in another language, in lines of its own."""
    text = " ".join(note.split())
    other = translated(text)
    return note if other == text else "\n".join(wrap(other, WIDTH))


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    other = translated_check(text)
    if other != text:
        return [f"{indent}{line}" for line in wrap(other, WIDTH - len(indent))]
    wrapper = textwrap.TextWrapper(
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
        break_long_words=False,  # a path stays whole
    )
    return wrapper.wrap(text)


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
