"""Codes of names that have no effect."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_UNUSED = "let width = 50\n\n"
_BLOCK = "block hidden(n, rate) {{\n  dense(n)\n  relu{}\n}}\n\n"

CODES = (
    Code(
        "NN401",
        "never used",
        "A `let` or a `block` is defined, and nothing uses it.",
        "Whoever changes it changes nothing: often the name was meant to stand somewhere.",
        _UNUSED + example("dense(40); relu; dense(10)"),
        _UNUSED + example("dense(width); relu; dense(10)"),
        "The rule of Rust (unused_variables) and of Ruff (F841).",
    ),
    Code(
        "NN402",
        "allowance that means nothing",
        "A comment `# nndsl: allow …`, `--ignore`, or `[tool.nndsl]` in pyproject.toml names a "
        "code that does not exist, or one of an error.",
        "Whoever wrote it believes that a warning is allowed, and it is not.",
        example("dense(50)  # nndsl: allow NN931; relu; dense(10)"),
        example("dense(50); relu; dense(10)"),
        "The rule of Ruff (RUF100) and of ESLint (no-unused-disable).",
    ),
    Code(
        "NN403",
        "unused parameter of a block",
        "A block has a parameter that its body does not use.",
        "Each use of the block gives it a value, and the value changes nothing.",
        _BLOCK.format("") + example("hidden(50, 0.2); dense(10)"),
        _BLOCK.format("\n  dropout(rate)") + example("hidden(50, 0.2); dense(10)"),
        "The rule of Ruff (ARG001).",
    ),
)
