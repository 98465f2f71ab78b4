"""Names and parts of expressions that others take the places of."""

from nndsl.ir import Name, parse_value
from nndsl.ir.printer import expression
from nndsl.ir.tree import putting, replacing, transformed, written_out


def test_an_expression_takes_the_place_of_a_name() -> None:
    sum_of_two = parse_value("a + b")
    assert expression(transformed(parse_value("f(x, x.T)"), putting({"x": sum_of_two}))) == (
        "f(a + b, (a + b).T)"
    )


def test_an_expression_takes_the_place_of_another() -> None:
    rule = replacing({parse_value("np.exp(x)"): Name("powers")})
    made = transformed(parse_value("np.exp(x) / np.exp(x + 1)"), rule)
    assert expression(made) == "powers / np.exp(x + 1)"


def test_definitions_are_written_out_one_into_the_next() -> None:
    steps = [(n, parse_value(v)) for n, v in (("u", "x - 1"), ("v", "u * u"), ("y", "v / x"))]
    found = written_out(steps)
    assert {name: expression(value) for name, value in found.items()} == {
        "u": "x - 1",
        "v": "(x - 1) * (x - 1)",
        "y": "(x - 1) * (x - 1) / x",
    }


def test_a_name_that_is_given_again_is_what_it_was_before() -> None:
    steps = [(n, parse_value(v)) for n, v in (("d", "a"), ("d", "d + b"))]
    assert expression(written_out(steps)["d"]) == "a + b"


def test_what_reads_no_definition_is_the_same_tree() -> None:
    alone = parse_value("x * x")
    assert written_out([("u", parse_value("x + 1")), ("v", alone)])["v"] is alone
