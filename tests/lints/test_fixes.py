"""Fixes: a safe one removes its finding and adds none; which are safe, and what they write."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thoroughness import examples

import nndsl
from nndsl.analysis.suggest import correction
from nndsl.diagnostics import Applicability, Diagnostic, Fix, Severity
from nndsl.lints.autofix import apply_fixes, edited
from nndsl.lints.table import all_codes
from nndsl.source import Source

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "diagnostics"
WRONG = {path.stem: path.read_text("utf-8") for path in sorted(GOLDEN.glob("*.nn"))}
RIGHT = [path.read_text("utf-8") for path in sorted((ROOT / "tests/data/specs").glob("*.nn"))]
RIGHT += [code.right for code in all_codes().values() if not code.files and not code.settings]
SAFE = Applicability.SAFE
WRITTEN = re.compile(r"(?<=write )`.*`")


def check(text: str) -> list[Diagnostic]:
    return nndsl.check(GOLDEN / "spec.nn", text=text)


def said(diagnostics: list[Diagnostic]) -> Counter[tuple[str, str]]:
    """Return the errors, and where there are none the warnings: lints come after the errors."""
    errors = [d for d in diagnostics if d.severity is Severity.ERROR]
    return Counter((d.code, d.message) for d in errors or diagnostics)


def fixes(text: str, *kinds: Applicability) -> list[tuple[Diagnostic, Fix]]:
    return [(d, fix) for d in check(text) for fix in d.fixes if fix.applicability in kinds]


def check_safe_fixes(text: str) -> int:
    found = check(text)
    safe = fixes(text, SAFE)
    for diagnostic, fix in safe:
        if diagnostic.message.startswith("unknown") and (written := WRITTEN.search(fix.message)):
            assert written[0] in (diagnostic.help or "")
        after = check(edited(text, fix.edits))
        assert not any(
            d.code == diagnostic.code and d.message == diagnostic.message
            for d in after
            if d.span.start == diagnostic.span.start
        )
        if any(d.severity is Severity.ERROR for d in after):
            assert said(after) < said(found)
    return len(safe)


@pytest.mark.slow
def test_safe_fixes_of_the_golden_specs() -> None:
    assert sum(map(check_safe_fixes, WRONG.values())) > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_every_fix_can_be_applied(name: str) -> None:
    text = WRONG[name]
    for _, fix in fixes(text, *Applicability):
        spans = sorted((edit.span.start, edit.span.end) for edit in fix.edits)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert edited(text, fix.edits) != text


@st.composite
def slips(draw: st.DrawFn) -> str:
    """Draw a good spec in which letters of a word are swapped, left out, doubled or changed."""
    text = draw(st.sampled_from(RIGHT))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from([i for i, c in enumerate(text[:-2]) if c.isalpha()]))
        kind = draw(st.sampled_from(["swap", "drop", "double", "change"]))
        a, b = text[at], text[at + 1]
        new = {"swap": b + a, "drop": b, "double": a + a + b, "change": "q" + b}[kind]
        text = text[:at] + new + text[at + 2 :]
    return text


@pytest.mark.slow
@settings(max_examples=examples(150))
@given(slips())
def test_safe_fixes_of_slips(text: str) -> None:
    check_safe_fixes(text)


@pytest.mark.slow
@settings(max_examples=examples(60))
@given(slips())
def test_mending_leaves_no_safe_fix_and_no_more_errors(text: str) -> None:
    source = Source("spec.nn", text)
    before = said(nndsl.check("spec.nn", text=text))
    mended = apply_fixes(source, {})
    assert mended.left == apply_fixes(mended.source, {}).left
    assert not apply_fixes(mended.source, {}).applied
    if any(d.severity is Severity.ERROR for d in mended.left):
        assert said(mended.left) <= before
    comments = [line.partition("#")[2] for line in text.splitlines()]
    assert comments == [line.partition("#")[2] for line in mended.source.text.splitlines()]


def test_comments_and_layout_stay() -> None:
    text = "network {  # net\r\n\tinput( 3 )\r\n\r\n\r\n\tdnse(2,bais = false) # out\r\n}"
    mended = apply_fixes(Source("spec.nn", text), {})
    assert mended.source.text == text.replace("dnse", "dense").replace("bais", "bias")
    assert mended.left == []


@pytest.mark.parametrize(
    ("wrong", "known", "meant"),
    [
        ("dnse", ["dense", "conv2d"], "dense"),
        ("Dense", ["dense"], "dense"),
        ("maxpool", ["max_pool", "avg_pool"], "max_pool"),
        ("widht", ["width", "depth"], "width"),
        ("tahn", ["tanh", "relu"], "tanh"),
        ("nadam", ["adam", "adamw"], None),  # another optimizer
        ("relu6", ["relu"], None),  # another layer
        ("sgdm", ["sgd"], None),
        ("conv3d", ["conv2d"], None),
        ("sqr", ["sqrt"], None),  # a square
        ("lett", ["let"], "let"),
        ("mse", ["mean_squared_error"], None),
        ("selu", ["relu", "elu", "silu"], None),
        ("dense", ["dense"], None),
        ("a", ["b"], None),
        ("x" * 100_000, ["xx"], None),
    ],
)
def test_what_is_surely_meant(wrong: str, known: list[str], meant: str | None) -> None:
    found = correction(wrong, known)
    assert (found.name if found.is_sure else None) == meant


def one(text: str, kind: Applicability) -> str:
    """Return a text after its one fix of a kind."""
    ((_, fix),) = fixes(text, kind)
    return edited(text, fix.edits)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("let n = 25\nnetwork { input(3); dense(n / 2) }", "dense(n // 2)"),
        ("let n = 25\nnetwork { input(3); dense((n /\n  2)) }", "dense((n //\n  2))"),
        ('data = csv(iris, target="t")', 'csv("iris", '),
        ("trian { loss = mean_squared_error }", "train {"),
        ("lett n = 25\nnetwork { input(3); dense(n) }", "let n"),
        ("network { input(3); dense(2, init=xaiver) }", "init=xavier"),
        (
            "network {\n  input(3)\n  dense(2)\n  # nndsl: allow nn421\n  dense(2)\n}",
            "# nndsl: allow NN421",
        ),
        (
            "network {\n  input(3)\n  dense(2, activation=relu)  # few\n  dense(1)\n}",
            "\n  dense(2)  # few\n  relu\n  dense(1)\n",
        ),
        ('network { input(3); dense(2, activation="tanh"); dense(1) }', "dense(2); tanh;"),
    ],
)
def test_safe(text: str, after: str) -> None:
    assert after in one(text, SAFE)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("network { input(3); dense(2, bias=true, bias=false) }", "dense(2, bias=true) }"),
        (
            "network { input(3); dense(2) }\ntrain {\n  loss = mean_squared_error\n"
            "  batch = 2  # two\n  optimizer = adam\n  batch = 3\n}\n",
            "  optimizer = adam\n}\n",
        ),
        ("network {\n  input(2, 3)\n  dense(2)\n}", "\n  flatten\n  dense(2)\n"),
        ("network { input(2, 3); dense(2) }", "; flatten; dense(2) }"),
        ("network { input(3); dense(4); batch_norm; relu; dense(2) }", "dense(4, bias=false);"),
        ("network { input(3); dense(2, act=leaky_relu(0.1)) }", "dense(2); leaky_relu(0.1) }"),
        ("network { input(3); relu6; dense(2) }", "input(3); relu; dense(2)"),
    ],
)
def test_unsafe(text: str, after: str) -> None:
    assert after in one(text, Applicability.UNSAFE)


def test_values_from_outside_and_json_have_no_fixes() -> None:
    spec = "let n = 2\nnetwork { input(3); dense(n) }"
    (found,) = nndsl.check("spec.nn", text=spec, set={"n": "n_ / 2"})
    assert found.fixes == ()
    (found,) = nndsl.check("spec.json", text='{"network": [{"kind": "dnse", "units": 2}]}')[:1]
    assert found.fixes == ()
