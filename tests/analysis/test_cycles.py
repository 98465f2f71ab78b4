"""Names that are defined by themselves: each cycle is one error, used or not."""

from __future__ import annotations

import pytest

import nndsl

NETWORK = "\nnetwork { input(2); dense(3) }"


def messages(text: str) -> list[str]:
    found = nndsl.check("net.nn", text=text)
    assert {d.code for d in found} <= {"NN207"}
    return [d.message for d in found]


@pytest.mark.parametrize(
    ("lets", "expected"),
    [
        ("let a = a + 1", ["`a` is defined by itself"]),
        ("let a = [1, (a)]", ["`a` is defined by itself"]),
        ("let a = adam(lr=-a)", ["`a` is defined by itself"]),
        ("let a = b; let b = c; let c = a", ["`a` is defined by itself, by way of `b` and `c`"]),
        ("let b = c; let a = b; let c = a", ["`b` is defined by itself, by way of `c` and `a`"]),
        (
            "let x = a; let a = b; let b = a; let c = c",
            ["`a` is defined by itself, by way of `b`", "`c` is defined by itself"],
        ),
    ],
)
@pytest.mark.parametrize("use", ["3", "a"])
def test_a_cycle_is_said_once(lets: str, expected: list[str], use: str) -> None:
    assert messages(lets + NETWORK.replace("3", use)) == expected


def test_a_name_that_is_used_twice_is_no_cycle() -> None:
    assert messages(f"let a = b + c; let b = c; let c = 1{NETWORK.replace('3', 'a + b')}") == []


@pytest.mark.slow
def test_long_cycles_and_long_chains() -> None:
    ring = "\n".join(f"let a{n} = a{(n + 1) % 5000}" for n in range(5000))
    (message,) = messages(ring + NETWORK)
    assert message == (
        "`a0` is defined by itself, by way of `a1`, `a2`, `a3`, `a4`, `a5` and 4994 more names"
    )
    full = "\n".join(
        f"let b{n} = {' + '.join(f'b{m}' for m in range(n + 1, 60)) or '1'}" for n in range(60)
    )
    assert {d.code for d in nndsl.check("net.nn", text=full + NETWORK)} == {"NN401"}  # unused
