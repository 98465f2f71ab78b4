"""Experiments: what is said about the wrong ones, and where."""

from __future__ import annotations

import pytest

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostic, Diagnostics
from nndsl.source import Source

BASE = """\
let width = 20
let rate = 0.1
data = digits(validation=0.1, test=0.2)
network { dense(width); relu; dropout(rate); dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.5) }
"""  # an experiment after it begins on line 6


def check(text: str) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    analyse(Source("spec.nn", text), diagnostics)
    return diagnostics.diagnostics


# (the experiment, on line 6 after BASE; code; line:column; part of the message; part of the help)
WRONG = [
    # compare
    ("compare {}", "NN223", "6:1", "no variants", "variant NAME"),
    ("compare { vairant a {} }", "NN220", "6:11", "`vairant`", "`variant`"),
    ("compare { adam }", "NN224", "6:11", "expected a variant", ""),
    ("compare { variant a }", "NN224", "6:11", "variant NAME { … }", ""),
    ("compare { variant a = 5 }", "NN224", "6:11", "variant NAME { … }", ""),
    ("compare { variant a(1) {} }", "NN224", "6:11", "variant NAME { … }", ""),
    ("compare { variant a {}; variant a {} }", "NN203", "6:33", "`a` is defined twice", ""),
    ("compare { variant a { relu } }", "NN224", "6:23", "expected a setting", ""),
    ("compare { variant a { rate = 0; rate = 0.5 } }", "NN203", "6:33", "given twice", ""),
    ("compare { variant a { wdith = 5 } }", "NN202", "6:23", "`wdith`", "`width`"),
    ("compare { variant a { optimiser = sgd } }", "NN202", "6:23", "`optimiser`", "`optimizer`"),
    ("compare { variant a { optimizer = sdg } }", "NN201", "6:35", "`sdg`", "`sgd`"),
    ("compare { variant a { optimizer = sgd(lr=-1) } }", "NN209", "6:42", "at least 0", ""),
    ("compare { variant a { rate = 2 } }", "NN209", "6:19", "variant `a`: `rate` must be", ""),
    ("compare { variant a { data = 5 } }", "NN208", "6:30", "a source of data", ""),
    ("compare { variant a { data = digit } }", "NN201", "6:30", "`digit`", "`digits`"),
    ("compare { variant a { rate = true } }", "NN208", "6:30", "expected a number", ""),
    ("compare(seed=3) { variant a {} }", "NN202", "6:9", "no setting `seed`", "`seeds`"),
    ("compare(seeds=0) { variant a {} }", "NN209", "6:15", "at least 1", ""),
    ("compare(3) { variant a {} }", "NN205", "6:9", "by position", "seeds="),
    ("compare", "NN223", "6:1", "needs a body", "compare {"),
    # search
    ("search {}", "NN223", "6:1", "no names", "name = range"),
    ("search { lr = uniform(0, 1) }", "NN201", "6:10", "no `let lr`", ""),
    ("search { wdith = integer(1, 2) }", "NN201", "6:10", "no `let wdith`", "`width`"),
    ("search { trials = 5 }", "NN201", "6:10", "no `let trials`", "search(trials=…)"),
    ("search { relu }", "NN224", "6:10", "name = range", ""),
    ("search { rate = 5 }", "NN208", "6:17", "expected a range, found 5", ""),
    ("search { rate = unifrom(0, 1) }", "NN201", "6:17", "`unifrom`", "`uniform`"),
    ("search { rate = uniform(1, 0) }", "NN209", "6:17", "`low` must be less than `high`", ""),
    ("search { rate = log_uniform(0, 1) }", "NN209", "6:29", "greater than 0", ""),
    ("search { width = integer(1, 2.5) }", "NN210", "6:29", "a whole number", ""),
    ("search { width = integer(5, 5) }", "NN209", "6:18", "less than", ""),
    ("search { width = choice() }", "NN204", "6:18", "`values`", ""),
    ("search { width = choice(5, true) }", "NN208", "6:28", "found `true`", ""),
    ("search { width = choice(5, 0) }", "NN209", "6:28", "`units` must be at least 1", ""),
    ("search { rate = uniform(0, 1); rate = uniform(0, 1) }", "NN203", "6:32", "twice", ""),
    ("search(trials=0) { rate = uniform(0, 1) }", "NN209", "6:15", "at least 1", ""),
    ("search(sampler=tp) { rate = uniform(0, 1) }", "NN201", "6:16", "`tp`", "`tpe`"),
    (
        "search(metric=acuracy) { rate = uniform(0, 1) }",
        "NN308",
        "6:15",
        "unknown metric `acuracy`",
        "accuracy",
    ),
    (
        "search(metric=accuracy) { rate = uniform(0, 1) }",
        "NN308",
        "6:15",
        "unknown metric `accuracy`",
        "training_accuracy or validation_accuracy",
    ),
    (
        "search(metric=test_accuracy) { rate = uniform(0, 1) }",
        "NN308",
        "6:15",
        "unknown metric `test_accuracy`",
        "touched once",
    ),
    # record
    ("record {}", "NN223", "6:1", "records nothing", "activations"),
    ("record { weight }", "NN201", "6:10", "unknown instrument `weight`", "`weights`"),
    ("record { weights; weights }", "NN203", "6:19", "twice", ""),
    ("record { weights { relu } }", "NN222", "6:18", "no body", ""),
    ("record { weights(5) }", "NN205", "6:18", "no arguments", ""),
    ("record { weights = 5 }", "NN224", "6:10", "expected an instrument", ""),
    ("record(1) { weights }", "NN205", "6:8", "no arguments", ""),
    # expect
    ("expect {}", "NN223", "6:1", "expects nothing", "parameters <="),
    ("expect { parameters }", "NN224", "6:10", "expected a comparison", ""),
    ("expect { parameter < 5_000 }", "NN308", "6:10", "`parameter`", "`parameters`"),
    ("expect { test_acuracy > 0 }", "NN308", "6:10", "`test_acuracy`", "`test_accuracy`"),
    ("expect { parameters < relu }", "NN201", "6:23", "`relu`", ""),
    ("expect { parameters < (1, 2) }", "NN208", "6:23", "a list of values", ""),
    ("expect { parameters > 1; parameters > 2 }", "NN203", "6:26", "twice", ""),
    ("expect { parameters <= 1_000 }", "NN501", "6:10", "`parameters <= 1000`, found 1510", ""),
    ("expect { output == (1, 10) }", "NN501", "6:10", "`output == 1 x 10`, found 10", ""),
    ("expect { output > 5 }", "NN208", "6:10", "shapes are compared with ==", ""),
    ("expect { output == 2.5 }", "NN208", "6:20", "expected a shape", ""),
    ("expect(1) { parameters > 1 }", "NN205", "6:8", "no arguments", ""),
    # minimize
    ("minimize { f = x; start(x=1); optimizer = sgd }", "NN221", "6:1", "instead of `network`", ""),
]

# (the whole spec; code; line:column; part of the message; part of the help)
WRONG_SPECS = [
    ("compare { variant a {} }", "NN204", "1:1", "needs `train`", ""),
    ("let x = 1\nsearch { x = uniform(0, 1) }", "NN204", "2:1", "needs `data`", ""),
    ("record { weights }", "NN204", "1:1", "needs `train`", ""),
    ("expect { test_loss < 1 }", "NN204", "1:1", "needs `data`", ""),
    ("expect { parameters < 1 }", "NN204", "1:1", "needs `network`", ""),
    (
        BASE.replace("0.2", "0") + "expect { test_loss < 1 }",
        "NN309",
        "6:10",
        "needs a test part",
        "test=0.1",
    ),
    (
        BASE.replace("validation=0.1", "validation=0") + "search { rate = uniform(0, 0.5) }",
        "NN309",
        "6:1",
        "`validation_loss` needs a validation part",
        "validation=0.1",
    ),
    (
        "let act = digits\ndata = act\nnetwork { dense(10) }\n"
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=1) }\n"
        "search(metric=training_loss) { act = uniform(0, 1) }",
        "NN208",
        "5:32",
        "`uniform` gives numbers, and `act` is none",
        "",
    ),
]

OPTIMIZER = "optimizer = sgd(lr=0.1)"
# (the body of minimize, which begins on line 1, column 12; then as above)
WRONG_DESCENTS = [
    ("f = x", "NN204", "1:1", "needs `start`", "start(x=1"),
    ("start(x=1)", "NN204", "1:1", "needs `f`", ""),
    ("f = x; start(x=1); steps = 0", "NN209", "1:39", "at least 1", ""),
    ("f = x; start(x=1); step = 5", "NN202", "1:31", "no setting `step`", "`steps`"),
    ("f = x; start(x=1); network", "NN224", "1:31", "start(…)", ""),
    ("f = x; start(x=1); start(x=1)", "NN203", "1:31", "`start` is given twice", ""),
    ("f = x; start(x=1) { relu }", "NN222", "1:30", "no body", ""),
    ("f = x; start", "NN204", "1:19", "names no variables", "start(x=1"),
    ("f = x; start(5)", "NN205", "1:25", "takes names", "start(x=1"),
    ("f = x; start(x=1, x=2)", "NN203", "1:30", "`x` is given twice", ""),
    ("f = x; start(x=true)", "NN208", "1:27", "expected a number", ""),
    ("f = x; start(sin=1)", "NN225", "1:25", "hide the function", ""),
    ("f = x; start(k=1)", "NN225", "1:25", "hide the `let`", ""),
    ("f = x + z; start(x=1)", "NN201", "1:20", "unknown name `z`", ""),
    ("f = sine(x); start(x=1)", "NN201", "1:16", "unknown function `sine`", "`sin`"),
    ("f = sin; start(x=1)", "NN201", "1:16", "unknown name `sin`", ""),
    ("f = sin(x, x); start(x=1)", "NN205", "1:16", "one number", ""),
    ("f = sin(x=x); start(x=1)", "NN205", "1:16", "one number", ""),
    ("f = x % 2; start(x=1)", "NN208", "1:16", "no slope", ""),
    ('f = "x"; start(x=1)', "NN208", "1:16", "a formula", ""),
    ("f = (x, 1); start(x=1)", "NN208", "1:16", "a formula", ""),
    ("f = 1 + log(x); start(x=-1)", "NN212", "1:20", "real numbers", ""),
    ("f = 1 / x; start(x=0)", "NN212", "1:16", "division by zero", ""),
    ("f = exp(exp(x)); start(x=99)", "NN212", "1:16", "real numbers", ""),
    ("f = x**0.5; start(x=-1)", "NN212", "1:16", "no number", ""),
]


@pytest.mark.parametrize(
    ("text", "code", "place", "message", "help"),
    [(BASE + text, *rest) for text, *rest in WRONG]
    + WRONG_SPECS
    + [
        (f"minimize {{ {body}; {OPTIMIZER} }}\nlet k = 1; let used = k", *rest)
        for body, *rest in WRONG_DESCENTS
    ],
)
def test_what_is_wrong_is_said(text: str, code: str, place: str, message: str, help: str) -> None:
    found = check(text)
    line, column = map(int, place.split(":"))
    fitting = [
        d
        for d in found
        if (d.code, d.span.line, d.span.column) == (code, line, column)
        and message in d.message
        and help in (d.help or "")
    ]
    assert len(fitting) == 1, "\n".join(map(str, found))


@pytest.mark.parametrize("text", [text for text, *_ in WRONG])
def test_one_mistake_is_one_error(text: str) -> None:
    found = check(BASE + text)
    assert len(found) == 1, "\n".join(map(str, found))
