"""What other programs read: GitHub, GitLab, SARIF and JUnit, held to their published schemas."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from command_line import Cli

import nndsl
from nndsl.cli.formats import FORMATS
from nndsl.lints.table import all_codes

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
SARIF = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8"))
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")

WRONG = """\
let spare = 1  # 学
network {
  input(3)
  dnse(units=2, bais=false)
  dense(2, bias=false, bias=true)
}
"""
HOSTILE = 'network { input(3); dense(<&"]]>%0A::error::,\x07) }'
WARNS = "network {\n  input(3)\n  dense(2)\n  dense(2)\n}\n"


def sarif(text: str) -> Any:
    log = json.loads(text)
    jsonschema.Draft4Validator(SARIF).validate(log)
    return log["runs"][0]


def junit(text: str) -> ElementTree.Element:
    JUNIT.validate(text)
    return ElementTree.fromstring(text)


@pytest.fixture
def wrong(spec: Path) -> Path:
    path = Path("a folder") / "n#t.nn"
    path.parent.mkdir()
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_sarif(cli: Cli, wrong: Path) -> None:
    run = sarif(cli("check", wrong, "--format", "sarif").out)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(all_codes())
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)
    first, *_ = run["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "NN201"
    assert first["level"] == "error"
    assert "unknown layer `dnse`" in first["message"]["text"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "a%20folder/n%23t.nn", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4, "startColumn": 3, "endLine": 4, "endColumn": 7},
    }
    (twice,) = [result for result in run["results"] if result["ruleId"] == "NN203"]
    assert twice["relatedLocations"][0]["message"] == {"text": "first given here"}


def test_fingerprints_stay_when_lines_move(cli: Cli, wrong: Path) -> None:
    def prints() -> list[list[str]]:
        run = sarif(cli("check", wrong, "--format", "sarif").out)
        issues = json.loads(cli("check", wrong, "--format", "gitlab").out)
        return [
            [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]],
            [issue["fingerprint"] for issue in issues],
        ]

    before = prints()
    assert all(len(set(found)) == len(found) > 1 for found in before)
    wrong.write_text("# a comment\n\n" + WRONG, encoding="utf-8")
    assert prints() == before


def test_the_same_mistake_twice_has_two_fingerprints(cli: Cli, spec: Path) -> None:
    spec.write_text("network {\n  input(3)\n  dnse(2)\n  dnse(2)\n}\n")
    issues = json.loads(cli("check", spec, "--format", "gitlab").out)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 2


def test_gitlab(cli: Cli, wrong: Path) -> None:
    first, *_ = json.loads(cli("check", wrong, "--format", "gitlab").out)
    assert (first["check_name"], first["severity"]) == ("NN201", "major")
    assert first["description"].startswith("NN201: unknown layer `dnse`")
    assert first["location"] == {
        "path": "a folder/n#t.nn",
        "positions": {"begin": {"line": 4, "column": 3}, "end": {"line": 4, "column": 7}},
    }


def test_github(cli: Cli, wrong: Path) -> None:
    first, *_ = cli("check", wrong, "--format", "github").out.splitlines()
    assert first == (
        "::error title=nndsl NN201,file=a folder/n#t.nn,line=4,endLine=4,col=3,endColumn=7"
        "::a folder/n#t.nn:4:3: unknown layer `dnse`%0Adid you mean `dense`?"
    )


def test_junit(cli: Cli, wrong: Path, spec: Path) -> None:
    root = junit(cli("check", wrong, spec, "--format", "junit").out)
    assert root.get("failures") == root.get("tests", "") != "0" or int(root.get("tests", "0")) > 1
    bad, good = root
    assert (bad.get("name"), good.get("name")) == ("a folder/n#t.nn", "net.nn")
    assert bad.get("failures") != "0"
    assert (good.get("tests"), good.get("failures")) == ("1", "0")
    failure = bad[0][0]
    assert (failure.tag, failure.get("type")) == ("failure", "NN201")
    assert "did you mean `dense`?" in (failure.text or "")


def test_a_warning_passes_in_junit_unless_it_is_an_error(cli: Cli, spec: Path) -> None:
    spec.write_text(WARNS)
    root = junit(cli("check", spec, "--format", "junit").out)
    assert [case[0].tag for case in root[0]] == ["system-out"]
    root = junit(cli("check", spec, "--format", "junit", "--strict").out)
    assert [case[0].tag for case in root[0]] == ["failure"]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("text", "code"), [(WRONG, 1), (HOSTILE, 1), (WARNS, 0), ("", 1)])
def test_no_format_changes_the_exit_code(
    form: str, text: str, code: int, cli: Cli, spec: Path
) -> None:
    spec.write_text(text, encoding="utf-8")
    result = cli("check", spec, "--format", form)
    assert (result.code, result.err) == (code, "")
    check_form(form, result.out)
    assert cli("check", spec, "--strict", "--format", form).code == 1


def check_form(form: str, text: str) -> None:
    """Hold an output to the schema of its format, and to holding no control characters."""
    assert all(line.isprintable() for line in text.splitlines())
    if form == "sarif":
        sarif(text)
    elif form == "junit":
        junit(text)
    elif form in ("json", "gitlab"):
        json.loads(text)
    elif form == "github":
        assert all(line.startswith(("::error ", "::warning ")) for line in text.splitlines())


@pytest.mark.parametrize("form", FORMATS)
def test_places_that_are_no_file(
    form: str, cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = cli("check", spec, "--set", "width=3 +", "--format", form)
    assert result.code == 1
    check_form(form, result.out)
    for name in ([], ["--stdin-filename", "deep/net.nn"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
        result = cli("check", "-", "--format", form, *name)
        assert result.code == 1
        check_form(form, result.out)
        assert ("deep/net.nn" in result.out) == bool(name)


def test_a_file_elsewhere_has_a_whole_path(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Path("inner").mkdir()
    spec.write_text(WRONG, encoding="utf-8")
    monkeypatch.chdir("inner")
    run = sarif(cli("check", "../net.nn", "--format", "sarif").out)
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": (tmp_path / "net.nn").as_uri()}


def test_a_clean_run_says_so(cli: Cli, spec: Path) -> None:
    assert sarif(cli("check", spec, "--format", "sarif").out)["results"] == []
    assert cli("check", spec, "--format", "gitlab").out == "[]\n"
    assert cli("check", spec, "--format", "github").out == "\n"
    assert junit(cli("check", spec, "--format", "junit").out).get("failures") == "0"


def test_data_lies_beside_the_name_given_for_stdin(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("deep").mkdir()
    Path("deep/d.csv").write_text("a,b\n" + "1,2\n3,4\n" * 20)
    text = 'data = csv("d.csv", target="b", classes=false)\nnetwork { dense(1) }'
    for name, code in (("deep/net.nn", False), ("net.nn", True)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        result = cli("check", "-", "--stdin-filename", name, "--format", "concise")
        assert ("NN311" in result.out) == code


@pytest.mark.slow
def test_nobody_reads_thousands_of_findings(cli: Cli, tmp_path: Path) -> None:
    plural, few = tmp_path / "many.nn", tmp_path / "few.nn"
    plural.write_text("relu\n" * 1234)
    few.write_text("relu\n" * 100)
    for form, each in (("full", "error[NN221]: "), ("concise", ": error[NN221]: ")):
        out = cli("check", plural, few, "--format", form).out
        assert out.count(each) == 200
        assert f"\nand 900 more in {plural}, whose check ended there\n" in out
        assert out.endswith("\n1,100 errors in 2 specs\n")
        assert "more in" not in cli("check", few, "--format", form).out
    assert len(json.loads(cli("check", plural, "--format", "json").out)) == 1000
    with pytest.raises(nndsl.SpecError) as caught:
        nndsl.build(plural)
    assert len(caught.value.diagnostics) == 1000
    assert str(caught.value).splitlines()[99:] == [
        f"{plural}:100:1: error[NN221]: `relu` stands outside of `network` "
        "(help: put it between the braces of network { … })",
        "and 900 more",
    ]
