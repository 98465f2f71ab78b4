"""What is said about JSON that is not the form of a spec, and where."""

from __future__ import annotations

import pytest

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source

# (the JSON; code; the text that is pointed at; part of the message; part of the help)
WRONG = [
    ("5", "NN112", "5", "expected an object for a spec", ""),
    ("{}", "NN226", "", "the spec is empty", ""),
    ("{", "NN110", "{", "not closed", ""),
    ('{"trian": {}}', "NN220", '"trian"', "unknown section `trian`", "`train`"),
    ('{"model": 5}', "NN112", "5", "expected the name of the model", ""),
    ('{"model": "two words"}', "NN112", '"two words"', "is not a name", "letters"),
    ('{"model": "true"}', "NN112", '"true"', "is not a name", ""),
    ('{"let": []}', "NN112", "[]", "expected an object for `let`", ""),
    ('{"let": {"a": null}}', "NN112", "null", "null stands for nothing", "leave out"),
    ('{"let": {"a b": 1}}', "NN112", '"a b"', "is not a name", ""),
    ('{"let": {"a": 1, "a": 2}}', "NN111", '"a"', "twice", ""),
    ('{"let": {"a": "=1 +"}}', "NN101", "", "expected", ""),
    ('{"let": {"a": "=\\u0062 $"}}', "NN105", "$", "unexpected character", ""),
    ('{"let": {"a": {"knd": "he"}}}', "NN112", '{"knd": "he"}', "needs `kind`", ""),
    ('{"let": {"a": {"kind": 5}}}', "NN112", "5", "the name of a word, a string", ""),
    ('{"let": {"a": ' + "[" * 120 + "]" * 120 + "}}", "NN107", "", "more than 100 values", ""),
    ('{"blocks": {"b": 5}}', "NN112", "5", "expected an object for a block", ""),
    ('{"blocks": {"b": {}}}', "NN112", "{}", "needs `layers`", ""),
    ('{"blocks": {"b": {"layer": []}}}', "NN202", '"layer"', "has no `layer`", "`layers`"),
    ('{"blocks": {"b": {"layers": 5}}}', "NN112", "5", "an array for layers", ""),
    (
        '{"blocks": {"b": {"parameters": [5], "layers": []}}}',
        "NN112",
        "5",
        "expected a parameter",
        "",
    ),
    (
        '{"blocks": {"b": {"parameters": [{"name": "n"}], "layers": []}}}',
        "NN112",
        '{"name": "n"}',
        "needs `default`",
        "",
    ),
    ('{"data": null}', "NN112", "null", "null", ""),
    ('{"data": "digit"}', "NN201", "digit", "found `digit`", "`digits`"),
    ('{"network": {}}', "NN112", "{}", "an array for layers", ""),
    ('{"network": [5]}', "NN112", "5", "expected a layer", ""),
    ('{"network": ["=1 + 1"]}', "NN112", '"=1 + 1"', "expected a layer", ""),
    ('{"network": ["desne"]}', "NN201", "desne", "unknown layer `desne`", "`dense`"),
    (
        '{"network": [{"kind": "dense", "unit": 5}]}',
        "NN202",
        "unit",
        "no argument `unit`",
        "`units`",
    ),
    (
        '{"network": [{"kind": "dense", "units": 0}]}',
        "NN209",
        "0",
        "`units` must be at least 1",
        "",
    ),
    (
        '{"network": [{"kind": "relu", "layers": ["relu"]}]}',
        "NN222",
        '["relu"]',
        "`relu` takes no body",
        "",
    ),
    (
        '{"network": [{"kind": "repeat", "times": 2}]}',
        "NN223",
        '{"kind": "repeat", "times": 2}',
        "`repeat` needs a body",
        "",
    ),
    ('{"train": []}', "NN112", "[]", "expected an object for `train`", ""),
    ('{"train": {"los": 5}}', "NN202", "los", "no setting `los`", "`loss`"),
    ('{"compare": {}}', "NN223", '"compare": {}', "no variants", ""),
    ('{"compare": {"variants": []}}', "NN112", "[]", "an object for `variants`", ""),
    ('{"compare": {"seed": 3}}', "NN223", "", "no variants", ""),
    ('{"search": {"ranges": 5}}', "NN112", "5", "an object for `ranges`", ""),
    ('{"record": {}}', "NN112", "{}", "an array for `record`", ""),
    ('{"record": ["weight"]}', "NN201", "weight", "unknown instrument", "`weights`"),
    ('{"expect": ["a < 5"]}', "NN112", '"a < 5"', "an object for a comparison", ""),
    ('{"expect": [{"name": "parameters"}]}', "NN112", "", "needs `operator`", ""),
    (
        '{"expect": [{"name": "parameters", "operator": "=", "value": 5}]}',
        "NN112",
        '"="',
        "expected one of <= >=",
        "",
    ),
    ('{"minimize": {"start": 5}}', "NN112", "5", "an object for `start`", ""),
]


@pytest.mark.parametrize(("text", "code", "place", "message", "help"), WRONG)
def test_what_is_wrong_is_said(text: str, code: str, place: str, message: str, help: str) -> None:
    diagnostics = Diagnostics()
    analyse(Source("spec.json", text), diagnostics)
    fitting = [
        d
        for d in diagnostics.diagnostics
        if d.code == code
        and place in ("", d.span.text)
        and message in d.message
        and help in (d.help or "")
    ]
    assert len(fitting) == 1, "\n".join(map(str, diagnostics.diagnostics))


def test_all_is_said_at_once() -> None:
    text = '{"model": 5, "let": {"a": null, "b c": 1}, "network": [5, {"kind": "relu"}, null]}'
    diagnostics = Diagnostics()
    checked = analyse(Source("spec.json", text), diagnostics)
    assert checked.tree is None
    assert [d.span.text for d in diagnostics.diagnostics] == ["5", "null", '"b c"', "5", "null"]
