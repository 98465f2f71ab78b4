"""nndsl new, convert and schema: specs that are written."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from command_line import Cli

import nndsl

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.nn"))


class TestNew:
    @pytest.mark.parametrize("name", ["digits", "my_net.nn"])
    def test_it_writes_a_spec_that_trains(self, name: str, cli: Cli, spec: Path) -> None:
        result = cli("new", name)
        path = f"{name.removesuffix('.nn')}.nn"
        assert (result.code, result.out) == (0, "")
        assert result.err == f"wrote {path}\ntrain it with: nndsl run {path}\n"
        assert not nndsl.check(path)
        history = nndsl.load(path, set={"train.epochs": 3}).fit()
        assert history.test["test_accuracy"] > 0.85

    def test_it_is_laid_out_as_a_spec_should_be(self, cli: Cli, spec: Path) -> None:
        from nndsl.diagnostics import Diagnostics
        from nndsl.source import read_source
        from nndsl.syntax.parser import parse
        from nndsl.syntax.printer import print_tree

        cli("new", "digits")
        tree = parse(read_source("digits.nn"), Diagnostics())
        assert tree is not None
        assert print_tree(tree) == tree.source.text

    def test_what_exists_is_left_alone(self, cli: Cli, spec: Path) -> None:
        before = spec.read_text()
        Path("gone.nn").symlink_to("nowhere")
        for name in ("net", "gone"):
            result = cli("new", name)
            assert result.code == 2
            assert result.err.startswith(f"error: {name}.nn exists, and is left as it is\n")
        assert spec.read_text() == before
        assert not Path("nowhere").exists()

    @pytest.mark.parametrize("name", ["3", "a b", "true", ".nn", "", "..", "x-y", "a\nb"])
    def test_names_that_are_none(self, name: str, cli: Cli, spec: Path) -> None:
        result = cli("new", name)
        assert result.code == 2
        assert result.err.startswith("error: `")
        assert [path.name for path in Path().iterdir()] == ["net.nn"]

    def test_a_folder_that_is_not_there(self, cli: Cli, spec: Path) -> None:
        result = cli("new", "none/net")
        assert result.code == 2
        assert result.err.startswith("error: cannot write none/net.nn: no such file or directory\n")


class TestConvert:
    @pytest.mark.slow
    @pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
    def test_there_and_back(self, path: Path, cli: Cli, spec: Path) -> None:
        text = path.read_text(encoding="utf-8").replace("data/", f"{path.parent}/data/")
        spec.write_text(text, encoding="utf-8")
        result = cli("convert", spec, "--to", "json", "-o", "net.json")
        assert (result.code, result.out, result.err) == (0, "", "wrote net.json\n")
        assert cli("convert", "net.json", "--to", "nn", "-o", "back.nn").code == 0
        assert cli("check", "net.json", "back.nn").code == 0
        here, there = cli("build", spec, "-o", "-").out, cli("build", "back.nn", "-o", "-").out
        assert here.replace("net.nn", "back.nn").split("(spec")[0] == there.split("(spec")[0]
        assert here.split('"""')[2] == there.split('"""')[2]
        from_json = cli("build", "net.json", "-o", "-").out
        assert here.split('"""')[2] == from_json.split('"""')[2]

    def test_stdin_to_stdout(self, cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        written = cli("convert", spec, "--to", "json").out
        assert json.loads(written)["let"] == {"width": 8}
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(written.encode())))
        assert cli("convert", "-", "--to", "nn").out == spec.read_text()

    def test_settings_from_outside(self, cli: Cli, spec: Path) -> None:
        written = cli("convert", spec, "--to", "json", "--set", "width=3").out
        assert json.loads(written)["let"] == {"width": 3}

    def test_errors(self, cli: Cli, spec: Path) -> None:
        spec.write_text("network { dnse(2) }")
        result = cli("convert", spec, "--to", "json", "-o", "net.json")
        assert result.code == 1
        assert not Path("net.json").exists()
        Path("net.json").write_text('{"network": [1]}')
        assert cli("convert", "net.json", "--to", "nn").code == 1
        assert cli("convert", spec, "--to", "json", "-o", "net.nn").code == 1

    def test_the_spec_is_not_overwritten(self, cli: Cli, spec: Path) -> None:
        before = spec.read_text()
        assert cli("convert", spec, "--to", "json", "-o", spec).code == 2
        assert spec.read_text() == before


class TestSchema:
    def test_stdout(self, cli: Cli) -> None:
        schema = json.loads(cli("schema").out)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"

    def test_a_file(self, cli: Cli, spec: Path) -> None:
        result = cli("schema", "-o", "nndsl.schema.json")
        assert (result.code, result.out, result.err) == (0, "", "wrote nndsl.schema.json\n")
        assert json.loads(Path("nndsl.schema.json").read_text())["title"] == "nndsl spec"
        assert cli("schema", "-o", "none/x.json").code == 2


def test_what_has_no_json_form_is_no_null_in_one(cli: Cli, spec: Path) -> None:
    """A block that nobody uses is not checked, so that anything may stand in it."""
    spec.write_text("block b { x <= 1 }\nnetwork { input(2); relu }\n")
    assert cli("check", spec).code == 0
    result = cli("convert", spec, "--to", "json")
    assert (result.code, result.out) == (1, "")
    assert "error[NN224]: this has no JSON form: it is out of place" in result.err
