"""Lints of names."""

from collections.abc import Iterator

from nndsl.lints.context import Finding, SpecContext
from nndsl.lints.rule import Lint, NetworkLint, example
from nndsl.syntax.ast import Declaration, Reference, walk

_UNUSED = "let width = 50\n\n"
_BLOCK = "block hidden(n, rate) {{\n  dense(n)\n  relu{}\n}}\n\n"


@NetworkLint(
    "NN403",
    "unused parameter",
    wrong=_BLOCK.format("") + example("hidden(50, 0.2); dense(10)"),
    right=_BLOCK.format("\n  dropout(rate)") + example("hidden(50, 0.2); dense(10)"),
)
def unused_parameter(context: SpecContext) -> Iterator[Finding]:
    """A block or a layer of the page has a parameter that its body does not use.

    Each use of it gives it a value, and the value changes nothing.

    Source: The rule of Ruff (ARG001).
    """
    for block in context.tree.statements:
        if not isinstance(block, Declaration) or block.body is None:
            continue
        word = block.word.text
        used = {node.name.text for node in walk(block.body) if isinstance(node, Reference)}
        for argument in block.arguments or ():
            name = argument.name
            if name is None and isinstance(argument.value, Reference):
                name = argument.value.name
            if name is not None and name.text not in used:
                yield Finding(
                    f"{word} `{block.name.text}` does not use its parameter `{name.text}`",
                    name.span,
                    f"use it in the {word}, or leave it out",
                )


NEVER_USED = Lint[SpecContext](  # found while names get their meaning
    "NN401",
    "never used",
    wrong=_UNUSED + example("dense(40); relu; dense(10)"),
    right=_UNUSED + example("dense(width); relu; dense(10)"),
    text="""A `let`, a block, a layer or a formula is defined, and nothing uses it.

    Whoever changes it changes nothing: often the name was meant to stand somewhere.

    Source: The rule of Rust (unused_variables) and of Ruff (F841).
    """,
)
MEANS_NOTHING = Lint[SpecContext](  # found in allowances
    "NN402",
    "allowance that means nothing",
    wrong=example("dense(50)  # nndsl: allow NN931; relu; dense(10)"),
    right=example("dense(50); relu; dense(10)"),
    text="""A comment `# nndsl: allow …`, `--ignore`, or `[tool.nndsl]` in pyproject.toml names a
    code that does not exist, or one of an error.

    Whoever wrote it believes that a warning is allowed, and it is not.

    Source: The rule of Ruff (RUF100) and of ESLint (no-unused-disable).
    """,
)
