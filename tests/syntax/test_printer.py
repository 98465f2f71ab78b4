"""The canonical layout."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from spec_texts import HERE, TEXTS, mutated, nonsense, parsed, same, trees
from thoroughness import examples

from nndsl.analysis.override import override
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.ast import Name, Number, Operation, Setting, Tree
from nndsl.syntax.parser import parse, parse_value
from nndsl.syntax.printer import print_tree

LAYOUTS = {
    "settings are aligned in a group": (
        "a=1;loss = x\n\nb = 2\nlet c = 1\nlet long = 2",
        "a    = 1\nloss = x\n\nb = 2\nlet c    = 1\nlet long = 2\n",
    ),
    "a body on one line stays": ("n{dense(2);tanh}", "n { dense(2); tanh }\n"),
    "a body on lines stays": ("n {\n\n\n  a; b\n\n}", "n {\n  a\n  b\n}\n"),
    "variants are aligned": (
        "variant a { x = 1 }\nvariant long { x = 1 }",
        "variant a    { x = 1 }\nvariant long { x = 1 }\n",
    ),
    "one blank line is kept": ("\n\na\n\n\n\nb\n\n", "a\n\nb\n"),
    "a block stands apart": ("a\n# n\nn {\nb }\nc", "a\n\n# n\nn {\n  b\n}\n\nc\n"),
    "comments keep their place": (
        "# 1\nn { # 2\n a # 3\n # 4\n} # 5\n# 6",
        "# 1\nn {  # 2\n  a  # 3\n  # 4\n}  # 5\n\n# 6\n",
    ),
    "ends of lines are aligned": ("a # 1\nbcd # 2\nc\nd # 3", "a    # 1\nbcd  # 2\nc\nd  # 3\n"),
    "arguments with comments have lines": (
        "x = f(1, # one\n b = [2, # two\n 3])",
        "x = f(\n  1,  # one\n  # two\n  b=[2, 3],\n)\n",
    ),
    "a comment without a line goes before": ("x = (1 # c\n + 2)", "# c\nx = (1 + 2)\n"),
    "numbers keep their spelling": ("x = [1e-4, 100_000, .5]", "x = [1e-4, 100_000, .5]\n"),
    "operators": (
        "x=-2 ** 2*(a+b)//c\ny=f(a+1,b = a + 1)",
        "x = -2**2 * (a + b) // c\ny = f(a + 1, b=a+1)\n",
    ),
    "nothing": ("", ""),
    "only a comment": ("#c  ", "#c\n"),
    "empty body": ("n { }", "n {}\n"),
    "crlf": ("a\r\n\r\n# c\r\nb\r\n", "a\n\n# c\nb\n"),
}


@pytest.mark.parametrize(("text", "layout"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layout(text: str, layout: str) -> None:
    assert print_tree(parsed(text)) == layout


def test_what_is_too_long_has_one_argument_a_line() -> None:
    name = "a" * 60
    assert print_tree(parsed(f"x = f({name}, {name})")) == f"x = f(\n  {name},\n  {name},\n)\n"
    assert print_tree(parsed(f"n {{ f({name}); g({name[:30]}) }}")).count("\n") == 4


@pytest.mark.parametrize("text", TEXTS)
def test_examples_of_the_language_differ_in_blanks_only(text: str) -> None:
    printed = print_tree(parsed(text))
    assert printed.split() == text.split()


def check_round_trip(tree: Tree) -> None:
    printed = print_tree(tree)
    again = parsed(printed)
    assert same(tree, again)
    assert print_tree(again) == printed


@pytest.mark.slow
@settings(max_examples=examples(300))
@given(nonsense | mutated())
def test_printing_keeps_the_tree_and_is_idempotent(text: str) -> None:
    tree = parse(Source("spec.nn", text), Diagnostics())
    if tree.complete:
        check_round_trip(tree)


@pytest.mark.slow
@settings(max_examples=examples(200))
@given(trees)
def test_a_tree_without_positions_prints(tree: Tree) -> None:
    check_round_trip(tree)


def test_a_negative_number_binds_like_a_sign() -> None:
    minus = Number(-2, HERE)
    tree = Tree(
        HERE.source, (Setting(Name("x", HERE), Operation(minus, (("**", minus),), HERE), HERE),), ()
    )
    assert print_tree(tree) == "x = (-2)**-2\n"


def test_settings_from_outside_take_the_place_of_those_that_are_there() -> None:
    text = "# a page\ntrain {\n  batch  = 1  # small\n  epochs = 2\n}\n"
    tree, _ = override(
        parsed(text),
        {
            name: value
            for name in ("train.batch", "train.seed")
            if (value := parse_value(Source(name, "7"), Diagnostics())) is not None
        },
    )
    expected = "# a page\ntrain {\n  batch  = 7  # small\n  epochs = 2\n  seed   = 7\n}\n"
    assert print_tree(tree) == expected
