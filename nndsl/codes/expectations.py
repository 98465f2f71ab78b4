"""Codes of expectations: what a page promises of itself."""

from nndsl.codes.code import Code, network

CODES = (
    Code(
        "NN501",
        "an expectation does not hold",
        "A comparison in `expect` is false: of the number of parameters or the output's shape "
        "before a run, of a metric after one.",
        "An expectation is a promise that the next change of the spec is held to, in a terminal "
        "or in CI.",
        network("input(64); dense(100); relu; dense(10)") + "\nexpect { parameters <= 5_000 }\n",
        network("input(64); dense(50); relu; dense(10)") + "\nexpect { parameters <= 5_000 }\n",
    ),
)
