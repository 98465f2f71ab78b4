"""One token too many or too few, or any text at all: few errors, near the place, in linear time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from thoroughness import examples
from work import calls

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostic, Diagnostics, Severity
from nndsl.source import Source, SourceError, Span, read_source
from nndsl.syntax.lexeme import Lexeme
from nndsl.syntax.scan import scan

ROOT = Path(__file__).parents[2]
PATHS = [ROOT / "tests/data/specs/every_form.nn", *sorted((ROOT / "specs").glob("*.nn"))]
SPECS = [Source(str(path), path.read_text(encoding="utf-8"), path) for path in PATHS]
TOKENS = ["x", "relu", "let", "7", '"s"', "true", "=", "<=", "+", "-", "*", "**", ",", ";", "\n"]
TOKENS += ["(", ")", "[", "]", "{", "}"]
EVERY = 8  # of them one is tried at a place


def tokens(source: Source) -> list[Lexeme]:
    return scan(source).lexemes[:-1]


def without(source: Source, span: Span) -> str:
    """Return the text without a token. With a line end goes its comment, which would go on."""
    comments = scan(source).comments
    start = next((c.span.start for c in comments if c.span.end == span.start), span.start)
    return source.text[:start] + source.text[span.end :]


def errors(text: str, source: Source) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    analyse(Source(source.name, text, source.path), diagnostics)
    for finding in diagnostics.diagnostics:
        for span in (finding.span, *(label.span for label in finding.labels)):
            assert 0 <= span.start <= span.end <= len(span.source.text)
    return [d for d in diagnostics.diagnostics if d.severity is Severity.ERROR]


def check_few_and_near(text: str, line: int, source: Source) -> None:
    """At most three errors, one of which shows a place within a line of the one that changed."""
    found = errors(text, source)
    spans = [span for d in found for span in (d.span, *(label.span for label in d.labels))]
    lines = [line for s in spans for line in (s.line, s.source.position(s.end)[0])]
    assert len(found) <= 3, found
    assert not found or any(abs(near - line) <= 1 for near in lines), found


@pytest.mark.slow
@settings(max_examples=examples(200))
@given(st.data())
def test_a_deleted_token(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SPECS))
    span = data.draw(st.sampled_from(tokens(source))).span
    check_few_and_near(without(source, span), span.line, source)


@pytest.mark.slow
@settings(max_examples=examples(400))
@given(st.data())
def test_an_inserted_token(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SPECS))
    span = data.draw(st.sampled_from(tokens(source))).span
    token = data.draw(st.sampled_from(TOKENS))
    text = f"{source.text[: span.start]} {token} {source.text[span.start :]}"
    check_few_and_near(text, span.line, source)


def new_places(sources: list[Source]) -> dict[Source, list[Span]]:
    """Return the tokens that stand between kinds of tokens as no earlier one does."""
    found: dict[Source, list[Span]] = {}
    seen = set()
    for source in sources:
        lexemes = tokens(source)
        found[source] = []
        for number, lexeme in enumerate(lexemes):
            around = tuple(near.type for near in lexemes[max(0, number - 3) : number + 3])
            if around not in seen:
                seen.add(around)
                found[source].append(lexeme.span)
    return found


PLACES = {source: spans for source, spans in new_places(SPECS).items() if spans}


@pytest.mark.slow
@pytest.mark.parametrize("source", PLACES, ids=lambda source: Path(source.name).stem)
def test_a_token_deleted_or_others_inserted_everywhere(source: Source) -> None:
    """At each place an eighth of the tokens, in turn."""
    for number, span in enumerate(PLACES[source]):
        before, after = source.text[: span.start], source.text[span.start :]
        check_few_and_near(without(source, span), span.line, source)
        for token in TOKENS[number % EVERY :: EVERY]:
            check_few_and_near(f"{before} {token} {after}", span.line, source)


@settings(max_examples=examples(200))
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-16")))
@example(b"network { dense(\xff) }")
@example("\ufeffnetwork { r\u00e9lu }\r\n".encode())
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "spec.nn"
    path.write_bytes(data)
    try:
        source = read_source(path)
    except SourceError:
        return
    errors(source.text, source)


GROWING = ["a}(", "x = (1\n", "{", '"', "0x ", "f(a,\n", "}\n", "a {\n", "a = 1 b ", "a(1 1;", "'"]


@pytest.mark.slow
@pytest.mark.parametrize("piece", GROWING)
def test_three_times_the_nonsense_is_three_times_the_work(piece: str) -> None:
    def work(size: int) -> int:
        text = piece * (size // len(piece))
        return calls(lambda: errors(text, Source("spec.nn", "")))

    work(100)  # imports
    small, large = work(6_000), work(18_000)
    assert large < 3.3 * small
