"""Where a message asks `did you mean`, and one name is surely meant, `check --fix` writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.lints.autofix import apply_fixes
from nndsl.source import Source

DATA = Path(__file__).parents[2] / "specs" / "data"
TABLE = "best_seller,price,Some Thing,y\n1,2,3,a\n2,3,4,b\n3,4,4,a\n5,5,5,b\n"
OF_TABLE = 'data = csv("t.csv", target="y"{more})\n\nnetwork {{\n  {layers}\n}}\n'
VALUES = """\
network {{
  input left(3)
  input right(3)
  tower = dense(left, 4)
  b     = dense({right}, 4)
  add({tower}, b)
  dense(2)
}}
"""
STATES = """\
network {{
  input question(7, tokens=13)
  embedding(question, 16)
  states = gru(32, output=all)
  gru(32, output=all)
  cross_attention(memory={states})
  dense(13)
}}
"""
OUTPUTS = f"""\
data = npz("{DATA.as_posix()}/recommendations.npz", x=["about_person", "about_film"],
           t=["liked", "rating"])

network {{{{
  input about_film
  input about_person
  concat(about_film, about_person)
  trunk = relu
  output liked = dense(trunk, 1)
  output score = dense(trunk, 1)
}}}}

train {{{{
  loss {{liked}}   = binary_cross_entropy
  loss score   = mean_squared_error
  metrics {{score}} = [mean_absolute_error]
  target score = {{rating}}
  optimizer    = adam
}}}}
"""
OF_OUTPUTS = {"liked": "liked", "score": "score", "rating": "rating"}


def of_table(more: str = "", layers: str = "dense(classes)") -> str:
    return OF_TABLE.format(more=more, layers=layers)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (of_table(', ignore=["bestseller"]'), of_table(', ignore=["best_seller"]')),
        (of_table(', ignore=["Some Thnig"]'), of_table(', ignore=["Some Thing"]')),
        (
            of_table(', ordinal="pirce: 2 < 3 < 4 < 5"'),
            of_table(', ordinal="price: 2 < 3 < 4 < 5"'),
        ),
        (of_table().replace('"y"', '"Y"'), of_table()),
        (
            of_table(layers='input(columns=["price", "bestseller"])\n  dense(classes)'),
            of_table(layers='input(columns=["price", "best_seller"])\n  dense(classes)'),
        ),
        (
            VALUES.format(right="rihgt", tower="towr"),
            VALUES.format(right="right", tower="tower"),
        ),
        (STATES.format(states="sates"), STATES.format(states="states")),
        *[
            (OUTPUTS.format(**OF_OUTPUTS | {of: typo}), OUTPUTS.format(**OF_OUTPUTS))
            for of, typo in {
                "liked": "likde",
                "rating": "ratnig",
            }.items()
        ],
    ],
)
def test_one_sure_way_is_taken(wrong: str, right: str, tmp_path: Path) -> None:
    path = tmp_path / "net.nn"
    (tmp_path / "t.csv").write_text(TABLE)
    assert apply_fixes(Source("net.nn", wrong, path), {}).source.text == right


@pytest.mark.parametrize(
    "wrong",
    [
        of_table(', ignore=["p"]'),  # no name is close
        of_table(', ignore=["best"]'),  # a part of one is no typing error
        OUTPUTS.format(**OF_OUTPUTS | {"rating": "about"}),
        OUTPUTS.format(**OF_OUTPUTS | {"score": "scoer"}),  # or that of the loss is wrong
    ],
)
def test_where_it_may_be_meant_otherwise_nothing_is_written(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "net.nn"
    (tmp_path / "t.csv").write_text(TABLE)
    left = apply_fixes(Source("net.nn", wrong, path), {})
    assert left.source.text == wrong
    assert left.left
