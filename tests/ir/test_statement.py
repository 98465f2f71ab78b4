"""Statements: what they read, write and change, and how their names are replaced."""

from __future__ import annotations

import ast
import textwrap

import pytest

from nndsl.ir import (
    Literal,
    Name,
    Operation,
    Statement,
    assign,
    block,
    is_operand,
    name_tuple,
    names_of,
    parse_text,
    parse_value,
    plus,
    printer,
    statement,
    wrapped,
)
from nndsl.ir.parser import parse_script, replace_name
from nndsl.ir.printer import expression
from nndsl.ir.printer import statement as print_statement
from nndsl.ir.tree import places


def in_a_script(text: str) -> list[Statement]:
    """Return statements of a script that a person wrote."""
    (function,) = parse_script(f"def f(x):\n{textwrap.indent(text, '    ')}\n")
    return [statement(line.node) for line in function.body]


def one(text: str) -> Statement:
    (statement,) = parse_text(text)
    return statement


# --- Reading --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reads", "writes", "mutates"),
    [
        ("y = x @ W + b", "x W b", "y", ""),
        ("y = np.exp(x)", "np x", "y", ""),
        ("a, b = x, 2", "x", "a b", ""),
        ("d += x", "d x", "d", "d"),
        ("d[i] = x", "d i x", "d", "d"),
        ("d[i, :] -= x", "d i x", "d", "d"),
        ("d.T[i] = x", "d i x", "d", "d"),
        ("d.reshape(n, -1)[...] = x", "d n x", "d", "d"),
        ("np.add.at(d, i, x)", "np d i x", "d", "d"),
        ("np.exp(x, out=d)", "np x d", "d", "d"),
        ("np.copyto(d, x)", "np d x", "d", "d"),
        ("history.append(x)", "history x", "history", "history"),
        ("d.fill(0)", "d", "d", "d"),
        ("stores[k].append(x)", "stores k x", "stores", "stores"),
        ("y = sum(w * w for w in weights)", "sum weights", "y", ""),
        ("y = [f(a, b) for a in x for b in a if b]", "f x", "y", ""),
        ("y = {k: v for k, v in x.items()}", "x", "y", ""),
        ("i = [i for i in r]", "r", "i", ""),
        ("y = [x for x in x]", "x", "y", ""),
        ("for k in q:\n    z = [k for k in w]", "q w", "k z", ""),
        ("print(d.shape)", "print d", "", ""),
        ("for i in range(n):\n    d[i] = x[i]", "range n d x i", "i d", "d"),
        ("if a:\n    y = x", "a x", "y", ""),
        ("del x", "x", "", ""),
        ("def f(a, b=c):\n    x = a + b * d\n    e[0] = x", "c d e", "f e", "e"),
        ("import gzip", "", "gzip", ""),
        ("import os.path", "", "os", ""),
        ("import os.path as p", "", "p", ""),
        ("np.add(a, b, out=(c,))", "np a b c", "c", "c"),
        ("x.ravel()[0] = 1", "x", "x", "x"),
        ('parts(theta)["W"][...] = 3', "parts theta", "theta", "theta"),
        ("x.state = y", "x y", "x", "x"),
        ("rng.shuffle(x)", "rng x", "rng x", "rng x"),
        ("y = a * rng.random(n)", "a rng n", "y rng", "rng"),
        ("try:\n    y = x\nexcept E as e:\n    raise F(e) from None", "x E F e", "y e", ""),
    ],
)
def test_what_a_statement_uses(text: str, reads: str, writes: str, mutates: str) -> None:
    statement = one(text)
    assert statement.reads == set(reads.split())
    assert set(statement.writes) == set(writes.split())
    assert statement.mutates == set(mutates.split())


def test_value_and_target_are_those_of_a_plain_assignment() -> None:
    assert one("y = x + 1").target == "y"
    assert one("y = x + 1").value == Operation("+", (Name("x"), Literal(1, "1")))
    for other in ("y += 1", "a, b = x", "y[0] = 1", "f(x)", "a = b = x", "y = a, b"):
        assert (one(other).target, one(other).value) == (None, None)


def test_a_copy_is_a_name_alone() -> None:
    assert one("y = x").copied == "x"
    for other in ("y = 1", "y = -x", "y = x.T", "y = f(x)", "y += x", "a, b = x"):
        assert one(other).copied is None


@pytest.mark.parametrize(
    "value",
    [
        *("x", "3", "f(x)", "x.T", "x[0]"),
        *("a + b", "a - b", "a * b", "a / b", "a @ b", "a**b", "a // b", "a % b"),
    ],
)
def test_values_that_stand_in_a_sum(value: str) -> None:
    assert is_operand(parse_value(value))
    assert expression(plus(Name("d"), parse_value(value))) == f"d + {value}"


@pytest.mark.parametrize(
    "value", ["a & b", "a << b", "a | b", "a > b", "a if b else c", "a and b", "-a"]
)
def test_values_that_need_parentheses_in_a_sum(value: str) -> None:
    assert not is_operand(parse_value(value))
    assert expression(plus(Name("d"), parse_value(value))) == f"d + ({value})"


def test_comments_end_up_beside_their_statement() -> None:
    statements = parse_text("""
        y = x       # first
        z = f(
            y,
        )           # the last line's
        # a line of its own belongs to nothing
        w = "# no comment"
    """)
    assert [printer.comment(s.comment) for s in statements] == ["first", "the last line's", ""]
    assert [s.text for s in statements] == ["y = x", "z = f(\n    y,\n)", 'w = "# no comment"']


def test_several_lines_keep_their_layout() -> None:
    text = "for i in range(n):\n    if i:\n        d[i] = x   # why\n    y = f(\n        i,\n    )"
    assert one(text).text == text
    assert one(text).is_compound
    assert not one("y = x").is_compound


def test_texts_that_are_no_python_are_refused() -> None:
    for text in ("y = ", "y x", "  y = 1\n z = 2"):
        with pytest.raises(SyntaxError):
            parse_text(text)


FOREIGN = [
    "y = lambda a, b=1: a * b",
    "def f(a, *b, c=1):\n    return a",
    'y = ("a"\n     "b")',
    "y = f'{x}'",
    'y = g(f"{x!r}")',
    'print(f"{x:{n}} and {x=}", x)',
    "assert x, y",
    "try:\n    y = x\nfinally:\n    x = 1",
    "y: int = x",
]


@pytest.mark.parametrize("text", FOREIGN)
def test_what_no_text_of_a_word_says_is_foreign(text: str) -> None:
    with pytest.raises(SyntaxError, match="a program has no"):
        parse_text(text)
    (found,) = in_a_script(text)
    assert found.text == text
    assert set(found.writes) <= {"x", "y"}


def test_the_names_of_foreign_statements_are_replaced() -> None:
    (found,) = in_a_script("assert x.x > 0, y")
    assert found.rename({"x": "Z1", "y": "A1"}).text == "assert Z1.x > 0, A1"
    (found,) = in_a_script("y: int = x")
    assert found.rename({"x": "Z1", "y": "A1"}).writes == ("A1",)


def test_an_expression_is_a_value() -> None:
    value = parse_value("x.argmax(axis=1) == t")
    assert expression(value) == "x.argmax(axis=1) == t"
    assert {*names_of(value)} == {"x", "t"}
    with pytest.raises(SyntaxError):
        parse_value("1\ny = 2")


# --- Renaming -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("y = x", "A1 = Z1"),
        ("y = x.x + x.y.x", "A1 = Z1.x + Z1.y.x"),
        ("y = f(x, axis=x, x=1)", "A1 = f(Z1, axis=Z1, x=1)"),
        ("y = x1 + xx + x", "A1 = x1 + xx + Z1"),
        ("y = 'x' + \"y\" + x", "A1 = 'x' + \"y\" + Z1"),
        ("y = {'x': x, x: 'x'}", "A1 = {'x': Z1, Z1: 'x'}"),
        ("y[x] += x", "A1[Z1] += Z1"),
        ("y = sum(x * a for a in x)", "A1 = sum(Z1 * a for a in Z1)"),
        ("y = [x for x in y]", "A1 = [Z1 for Z1 in A1]"),
        ("y = 'é' + x + 'ü' + x", "A1 = 'é' + Z1 + 'ü' + Z1"),
        ("y = x if x else y", "A1 = Z1 if Z1 else A1"),
        ("y = f(\n    x,\n    x,\n)", "A1 = f(\n    Z1,\n    Z1,\n)"),
        ("for x in y:\n    x = x.x   # x", "for Z1 in A1:\n    Z1 = Z1.x   # x"),
        ("y = x  ;  z = x", None),
    ],
)
def test_renaming(text: str, renamed: str | None) -> None:
    names = {"x": "Z1", "y": "A1"}
    if renamed is None:
        assert len(parse_text(text)) == 2
        return
    statement = one(text).rename(names)
    assert statement.text == renamed
    assert one(renamed).reads == statement.reads
    assert set(one(renamed).writes) == set(statement.writes)


def test_all_names_are_replaced_at_once() -> None:
    assert one("y = x").rename({"x": "y", "y": "x"}).text == "x = y"


def test_comments_keep_their_words_but_for_names_in_backticks() -> None:
    statement = one("y = x   # x is `x`, y stays, `x + y` too, and `dx`")
    renamed = statement.rename({"x": "Z1", "y": "A1", "dx": "dZ1"})
    assert printer.comment(renamed.comment) == ("x is Z1, y stays, x + y too, and dZ1")
    assert renamed.comment.sentence == statement.comment.sentence


def test_a_name_may_become_several() -> None:
    total = one("p = sum(w.sum() for w in weights)")
    assert total.rename({"weights": ("W1", "W2")}).text == "p = sum(w.sum() for w in (W1, W2))"
    assert total.rename({"weights": ("W1",)}).text == "p = sum(w.sum() for w in (W1,))"
    assert total.rename({"weights": ("W1", "W2")}).reads == {"sum", "W1", "W2"}


def test_a_name_may_become_a_number() -> None:
    (statement,) = parse_text("y = x.reshape(N, rows, rows)   # as `rows` rows")
    renamed = statement.rename({"rows": "24"})
    assert renamed.text == "y = x.reshape(N, 24, 24)"
    assert printer.comment(renamed.comment) == "as 24 rows"
    assert renamed.reads == {"x", "N"}


def test_a_name_may_become_a_place() -> None:
    text = one("p -= lr * m").rename({"p": "params[name]", "m": "m[name]", "lr": "RATE"}).text
    assert text == "params[name] -= RATE * m[name]"


def test_assign_takes_over_where_a_statement_comes_from() -> None:
    like = one("y = x   # why")
    made = assign("z", parse_value("x + 1"), like=like)
    assert (made.text, printer.comment(made.comment), made.target, made.reads) == (
        "z = x + 1",
        "why",
        "z",
        {"x"},
    )


@pytest.mark.parametrize(
    "value",
    [
        *("(a < b) | c", "a | b < c", "a | (b < c)", "x[((i, j),)]", "x[(i,)]", "x[i, j]"),
        *(
            "[x for x in (a if c else b) if (d if e else f)]",
            "f((yield x), y)",
            "-x**2",
            "(-x)**2",
        ),
        *("2**-x", "(a, b)[0]", "f((a, b), c)", "not a == b", "a - (b - c)", "f(*a, **b)"),
    ],
)
def test_parentheses_stand_where_they_are_needed(value: str) -> None:
    assert expression(parse_value(value)) == value
    assert ast.dump(ast.parse(expression(parse_value(value)))) == ast.dump(ast.parse(value))


LAID_OUT = [
    "blocks = [\n    (i < 5, *x[i:j])\n    for i, j in pairs\n]",
    "print(f\"epoch {epoch}: {[*wrong, 'the loss'][0]} is {{not}} finite\")",
    'print(f"{step:5d}  {value:11.6g}")',
    "yield a, b",
    "return (a, b), (c, d)",
]


@pytest.mark.parametrize("text", LAID_OUT)
def test_a_layout_that_a_reader_would_miss_is_kept(text: str) -> None:
    assert one(text).text == text


def test_a_formatted_text_reads_what_it_shows() -> None:
    assert one('print(f"{x:.3f} of {y + z}")').reads == {"print", "x", "y", "z"}


def test_a_block_is_built_around_statements() -> None:
    body = parse_text("x = f(y)   # why\nz += x")
    text = block("if y:   # at times", body, "else:\n    pass").text
    assert text == "if y:\n    x = f(y)   # why\n    z += x\nelse:\n    pass"


def test_items_are_put_on_lines_where_one_is_too_short() -> None:
    names = name_tuple([f"name_{number}" for number in range(30)])
    assert wrapped(name_tuple(["a", "b"])) == name_tuple(["a", "b"])
    lines = expression(wrapped(names)).split("\n")
    assert (lines[0], lines[-1]) == ("(", ")")
    assert all(len(line) <= 96 and line.endswith(",") for line in lines[1:-1])


def test_code_in_the_place_of_a_name_keeps_its_parentheses() -> None:
    (statement,) = parse_text("y = m | c")
    assert statement.rename({"m": "a < b"}).text == "y = (a < b) | c"


def test_a_foreign_statement_in_a_block_is_indented_once() -> None:
    text = 'for i in r:\n    print(f"{i}")\n    k = i'
    (found,) = in_a_script(text)
    assert found.text == text
    first, second = in_a_script("y = 0; import os")
    assert (first.text, second.text) == ("y = 0", "import os")


def test_a_script_is_read_with_its_lines() -> None:
    text = (
        """import os

PATH = OTHER = "x"

@cached
def f(x: int, *more, y: int = 3) -> int:
    """
        + '"""Say."""'
        + """

    if x: y = 1
    else: y = 2
    for i in more:
        y += (
            i
        )
    return y
"""
    )
    path, other, function = parse_script(text)
    assert (path.name, other.name, path.numbers) == ("PATH", "OTHER", range(3, 4))
    assert (function.name, function.arguments) == ("f", ("x", "*more"))
    assert function.numbers == range(6, 16)
    assert [line.numbers for line in function.body] == [range(9, 11), range(11, 15), range(15, 16)]


def test_another_expression_is_put_in_each_place() -> None:
    (found,) = in_a_script("for i in r:\n    y[i], k = f(x, axis=i), 1\n    y[i + 1] = -x")
    new = Name("NEW")
    texts = [print_statement(put(new)) for part, put in places(found.node) if part == Name("i")]
    assert texts == [
        "for i in r:\n    y[i], k = f(x, axis=NEW), 1\n    y[i + 1] = -x",
        "for i in r:\n    y[i], k = f(x, axis=i), 1\n    y[NEW + 1] = -x",
    ]
    (change,) = in_a_script("y[i] += 1")
    parts = [part for part, _ in places(change.node)]
    assert parts == [Name("y"), Name("i"), Literal(1, "1")]


def test_a_name_is_replaced_where_it_is_code() -> None:
    text = 'a = np.float32(1)  # é np.float32\nb = {"é": np.float32, "np.float32": a.np.float32}\n'
    assert replace_name(text, "np.float32", "np.float64") == (
        'a = np.float64(1)  # é np.float32\nb = {"é": np.float64, "np.float32": a.np.float32}\n'
    )


@pytest.mark.parametrize("text", ["a = (1\nb = 'x'\n", 'def f():\n    """Say.\n    return 1\n'])
def test_what_does_not_end_is_no_python(text: str) -> None:
    with pytest.raises(SyntaxError):
        list(parse_script(text))
