"""How diagnostics look: every column right, whatever stands in the source."""

from __future__ import annotations

import re
from json import loads

import pytest

from nndsl.cli.color import colored, plain
from nndsl.cli.formats import concise, full, json
from nndsl.cli.printable import display_width
from nndsl.cli.rendering import count, in_order
from nndsl.diagnostics import Diagnostic, Label, Severity
from nndsl.source import Source, Span


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def span(source: Source, text: str, length: int | None = None) -> Span:
    start = source.text.index(text)
    return Span(source, start, start + (len(text) if length is None else length))


def found(text: str, at: str, *labels: Label, help: str | None = None, name: str = "net.nn") -> str:
    """Return the full form of an error at a piece of a text, without the line of totals."""
    source = Source(name, text)
    diagnostic = Diagnostic("NN201", "wrong", span(source, at), labels, help)
    shown = full.render([diagnostic], ["net.nn"], plain)
    assert shown.endswith("\n\n1 error")
    return shown.removesuffix("\n\n1 error")


def marked(shown: str) -> str:
    """Return the piece of the source line that stands above the carets, by columns."""
    *_, line, marks = shown.splitlines()
    start, end = marks.index("^"), marks.rindex("^") + 1
    column, piece = 0, ""
    for character in line:
        if start <= column < end:
            piece += character
        column += display_width(character)
    return piece


def test_the_full_form() -> None:
    assert found("a\n  dnse(3)\n", "dnse", help="did you mean `dense`?") == (
        "error[NN201]: wrong\n"
        " --> net.nn:2:3\n"
        "  |\n"
        "2 |   dnse(3)\n"
        "  |   ^^^^\n"
        "  |\n"
        "  = help: did you mean `dense`?"
    )


def test_two_places_of_one_file() -> None:
    text = "let a = 1\n" + "\n" * 8 + "let a = 2\n"
    source = Source("net.nn", text)
    there = Label(span(source, "a = 1", 1), "first given here")
    again = Span(source, text.rindex("a"), text.rindex("a") + 1)
    assert full.render(
        [Diagnostic("NN203", "`a` is given twice", again, (there,))], ["net.nn"], plain
    ) == (
        "error[NN203]: `a` is given twice\n"
        "  --> net.nn:10:5\n"
        "   |\n"
        " 1 | let a = 1\n"
        "   |     - first given here\n"
        "…\n"
        "10 | let a = 2\n"
        "   |     ^\n"
        "\n"
        "1 error"
    )


def test_a_line_between_is_shown() -> None:
    source = Source("net.nn", "one\ntwo\nthree\n")
    there = Label(span(source, "three"), "and this")
    shown = full.render([Diagnostic("NN1", "m", span(source, "one"), (there,))], ["net.nn"], plain)
    assert "1 | one\n  | ^^^\n2 | two\n3 | three\n  | ----- and this" in shown


def test_a_place_in_another_source() -> None:
    other = Source("--set width", "3 +")
    there = Label(Span(other, 3, 3), "this value")
    shown = found("let width = 1", "width", there)
    assert " ::: --set width:1:4\n  |\n1 | 3 +\n  |    - this value" in shown


def test_tabs_are_blanks() -> None:
    shown = found("\ta\tdnse", "dnse")
    assert "1 |     a   dnse\n  |         ^^^^" in shown


@pytest.mark.parametrize("before", ["学習 ", "e\u0301 ", "\x1b[31m ", "\u202e "])
def test_marks_stand_below_what_they_mark(before: str) -> None:
    shown = found(f"{before}dnse", "dnse")
    assert marked(shown) == "dnse"
    assert shown.isprintable() or "\x1b" not in shown


def test_a_wide_text_has_wide_marks() -> None:
    assert found("a 学習", "学習").endswith("1 | a 学習\n  |   ^^^^")


def test_a_span_of_no_width_has_one_mark() -> None:
    source = Source("net.nn", "let a =")
    shown = full.render([Diagnostic("NN1", "m", Span(source, 7, 7))], ["net.nn"], plain)
    assert "1 | let a =\n  |        ^\n" in shown


def test_a_span_of_several_lines_is_marked_on_the_first() -> None:
    assert found("network {\n  relu\n}", "network {\n  relu\n}").endswith(
        "1 | network {\n  | ^^^^^^^^^"
    )


def test_the_end_of_a_text_has_a_place() -> None:
    source = Source("net.nn", "a\n")
    shown = full.render([Diagnostic("NN1", "m", Span(source, 2, 2))], ["net.nn"], plain)
    assert " --> net.nn:2:1\n  |\n2 |\n  | ^\n" in shown


@pytest.mark.parametrize("place", [0, 30, 60, 100, 5000, 9990])
@pytest.mark.parametrize("filler", ["x", "学", "\t"])
def test_long_lines_are_clipped_around_the_span(place: int, filler: str) -> None:
    shown = found(f"{filler * place}@dnse@{filler * (10000 - place)}", "@dnse@")
    assert marked(shown) == "@dnse@"
    assert max(map(display_width, shown.splitlines())) <= 80
    assert "…" in shown


def test_a_span_longer_than_the_screen() -> None:
    shown = found("a " + "x" * 500, "x" * 500)
    assert max(map(display_width, shown.splitlines())) <= 80
    assert shown.splitlines()[-1].startswith("  |   ^^^^")


def test_names_and_messages_hold_no_control_characters() -> None:
    source = Source("evil\x1b[2J\n.nn", "a")
    label = Label(Span(source, 0, 1), "\x07ring")
    wrong = Diagnostic("NN1", "\x1b]0;title\x07", Span(source, 0, 1), (label,), "\x1b[8m")
    for form in (full, concise):
        assert all(
            line.isprintable() for line in form.render([wrong], ["net.nn"], plain).splitlines()
        )
    assert len(concise.render([wrong], ["net.nn"], plain).splitlines()) == 2


def test_many_labels_are_counted() -> None:
    source = Source("net.nn", "a\n" * 20)
    labels = tuple(Label(Span(source, 2 * i, 2 * i + 1), "here") for i in range(1, 20))
    shown = full.render([Diagnostic("NN1", "m", Span(source, 0, 1), labels)], ["net.nn"], plain)
    assert shown.count("here") == 6
    assert "= and 13 more places" in shown


def test_colour_changes_no_character() -> None:
    source = Source("net.nn", "let a = 1")
    label = Label(span(source, "1"), "here")
    wrong = [Diagnostic("NN1", "m", span(source, "a"), (label,), "help", Severity.WARNING)]
    shown = full.render(wrong, ["net.nn"], colored)
    assert "\x1b[1;35mwarning[NN1]\x1b[0m" in shown
    assert re.sub(r"\x1b\[[\d;]*m", "", shown) == full.render(wrong, ["net.nn"], plain)


@pytest.mark.parametrize(
    ("errors", "warnings", "files", "text"),
    [
        (0, 0, 1, "no errors"),
        (1, 0, 1, "1 error"),
        (2, 1, 1, "2 errors, 1 warning"),
        (0, 2, 3, "2 warnings in 3 specs"),
        (0, 0, 1200, "no errors in 1,200 specs"),
    ],
)
def test_the_totals(errors: int, warnings: int, files: int, text: str) -> None:
    place = Span(Source("net.nn", "a"), 0, 1)
    severities = [Severity.ERROR] * errors + [Severity.WARNING] * warnings
    assert count([Diagnostic("N", "m", place, severity=s) for s in severities], files) == text


def test_the_order_is_that_of_the_text() -> None:
    source, other = Source("net.nn", "abc"), Source("--set x", "3 +")
    places = [Span(source, 2, 3), Span(other, 3, 3), Span(source, 0, 1)]
    ordered = in_order([Diagnostic("N", "m", place) for place in places], "net.nn")
    assert [d.span for d in ordered] == [places[1], places[2], places[0]]


def test_the_json_form() -> None:
    source = Source("net.nn", "let a = 1\n学 = 2")
    there = Label(span(source, "a"), "here")
    wrong = Diagnostic("NN203", "m", span(source, "学 = 2"), (there,), "h", Severity.WARNING)
    assert loads(json.render([wrong], ["net.nn"], plain)) == [
        {
            "code": "NN203",
            "severity": "warning",
            "message": "m",
            "file": "net.nn",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 6,
            "help": "h",
            "fixes": [],
            "labels": [
                {
                    "message": "here",
                    "file": "net.nn",
                    "line": 1,
                    "column": 5,
                    "end_line": 1,
                    "end_column": 6,
                }
            ],
        }
    ]
