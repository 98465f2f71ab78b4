"""Mutated pages, JSON forms and `--set` values, through every command in process.

    NNDSL_FUZZ_SECONDS=3600 python -m pytest -m slow -s tests/end_to_end/test_fuzz.py

A case is made by its number and the seed alone (`page_mutations`): NNDSL_FUZZ_SEED=3
NNDSL_FUZZ_FROM=1234 begins with the one that a failure names. What fails is printed with its page,
as short as it still fails, and the search goes on: an hour finds more than its first fault.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from page_mutations import Case, Maker, minimized, read

from nndsl.analysis.compile import Checked, analyse
from nndsl.cli import color, main
from nndsl.cli.formats import FORMATS
from nndsl.cli.rendering import MAX_SHOWN
from nndsl.cli.show import STAGES
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax.ast import Group

SECONDS = float(os.environ.get("NNDSL_FUZZ_SECONDS", "60"))
SEED = os.environ.get("NNDSL_FUZZ_SEED", "0")
FROM = int(os.environ.get("NNDSL_FUZZ_FROM", "0"))
MAX_SECONDS = 5  # of processor time, for one command
MAX_BYTES = 10**9  # beyond what the process holds already
SMALL = 20_000  # numbers of a network that is trained here

ROOT = Path(__file__).parents[2]


# --- Commands --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class Broken(Exception):
    """A rule does not hold. `rule` names it: one fault is told once."""

    def __init__(self, rule: str, said: str) -> None:
        super().__init__(said)
        self.rule = rule


class TooLong(BaseException):
    """A command has had its processor time."""


def run_command(command: str, texts: list[str], *options: str, name: str = "page.nn") -> Result:
    """Run a command on pages; Broken where it does not end as a command should."""
    paths = []
    for number, text in enumerate(texts):
        path = Path(f"{number or ''}{name}")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        paths.append(str(path))
    return run_arguments(command, *paths, *options)


def run_arguments(*arguments: str) -> Result:
    shown = " ".join(arguments)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    color._choice = "auto"
    failure: BaseException | None = None
    code: Any = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
        try:
            code = main(arguments)
        except BaseException as error:
            failure = error
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    said = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]  # type: ignore[attr-defined]
    if isinstance(failure, KeyboardInterrupt) or code == 130:
        raise KeyboardInterrupt
    if failure is not None:
        raise Broken(f"{arguments[0]}: {type(failure).__name__}", f"{shown}: {failure!r}")
    if code not in (0, 1, 2) or "internal error" in said[1] or "out of memory" in said[1]:
        where = re.findall(r'File ".*?(nndsl/\S+)", line (\d+)', said[1])[-1:]
        raise Broken(f"{arguments[0]}: exit {code} {where}", f"{shown}: exit {code}\n{said[1]}")
    return Result(code, *said)


# --- Rules -----------------------------------------------------------------------------------


def hold(case: Case, thorough: bool) -> None:
    """Broken where a rule does not hold for a case."""

    def run(command: str, *options: str, text: str = case.text, name: str = case.name) -> Result:
        return run_command(command, [text], *case.options, *options, name=name)

    found = json.loads(run("check", "--format", "json").out or "[]")
    if not readable(case.text):
        return
    errors = [one for one in found if one["severity"] == "error"]
    formats_agree(found, run)
    if not case.settings:
        same_when_laid_out(case, found, run)
        same_in_json(case, found, run)
        fix_is_never_worse(case, errors, run)
    run("show", "--stage", random.Random(case.text).choice(list(STAGES)))
    run_command("diff", [case.text, "network { input(2); dense(2) }"], name=case.name)
    builds = run("build", "-o", "-"), run("build", "-o", "-", "--optimize"), run("summary")
    for built in builds:
        nothing = "error[NN227]" in built.err
        require(bool(errors) == (built.code == 1) or nothing, "check and build agree", built.err)
    for built in builds[:2]:
        if built.code == 0:
            compile(built.out, "train.py", "exec")
    if errors:
        for command in ("gradcheck", "trace", "run", "compare", "search", "mutate"):
            refused = run(command, *(["-o", "buggy.py"] if command == "mutate" else []))
            require(refused.code != 0, f"{command} refuses what check refuses", str(errors[0]))
    elif thorough and is_small(case):
        for command, *options in (["gradcheck"], ["gradcheck", "--optimize"], ["trace"]):
            run(command, *options)
        run("mutate", "-o", "buggy.py")
        train(case, run)


def train(case: Case, run: Callable[..., Result]) -> None:
    """Train for a step or an epoch, and judge what came of it."""
    spec = analysed(case).spec
    if spec is not None and spec.data is not None and spec.train is not None:
        shutil.rmtree("trained", ignore_errors=True)
        length = "train.epochs=1" if spec.train.steps is None else "train.steps=1"
        if run("run", "-o", "trained", "--set", length).code == 0:
            run("evaluate", "--weights", "trained", "--set", length)


def require(holds: bool, rule: str, said: str) -> None:
    if not holds:
        raise Broken(rule, said)


def readable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def formats_agree(found: list[Any], run: Callable[..., Result]) -> None:
    said = [f"{one['file']}:{one['line']}:{one['column']}: " for one in found]
    form = random.Random(str(said)).choice([f for f in FORMATS if f != "json"])
    result = run("check", "--format", form)
    match form:
        case "concise" | "full":
            place = r"(?:page\.\w+:\d+:\d+|--set .*?): " if form == "concise" else ""
            shown = re.findall(rf"^(?:{place})(?:error|warning)\[NN\d+\]", result.out, re.M)
            count = sum(min(n, MAX_SHOWN) for n in Counter(one["file"] for one in found).values())
        case "github":
            shown = result.out.splitlines() if found else []
            count = len(found)
        case "gitlab":
            shown, count = json.loads(result.out), len(found)
        case "sarif":
            shown, count = json.loads(result.out)["runs"][0]["results"], len(found)
        case _:
            shown, count = re.findall("<failure|<system-out", result.out), len(found)
    is_wrong = any(one["severity"] == "error" for one in found)
    require(result.code in (int(is_wrong), 2), f"{form}: exit code", f"{result.code}, {is_wrong}")
    if result.code != 2:
        require(len(shown) == count, f"{form}: findings", f"{len(shown)} and {count}")


def same_when_laid_out(case: Case, found: list[Any], run: Callable[..., Result]) -> None:
    """`fmt` keeps what a page says and what is said of it, and changes nothing the second time."""
    if case.name.endswith(".json"):
        return
    if run("fmt", text=case.text).code != 0:
        return
    text = Path(case.name).read_bytes().decode()
    run("fmt", text=text)
    again = Path(case.name).read_bytes().decode()
    require(again == text, "fmt is idempotent", f"{text!r}\n{again!r}")
    require(same(read(text).statements, read(case.text).statements), "fmt keeps the tree", text)
    after = json.loads(run("check", "--format", "json", text=text).out)
    require(
        diagnostics(after) == diagnostics(found), "fmt keeps findings", difference(found, after)
    )


def same_in_json(case: Case, found: list[Any], run: Callable[..., Result]) -> None:
    """A page without errors has another form; the same is found in it, and it leads back."""
    to, suffix = ("nn", "nn") if case.name.endswith(".json") else ("json", "json")
    there = run("convert", "--to", to)
    is_wrong = any(one["severity"] == "error" for one in found)
    unchecked = "error[NN224]" in there.err  # of blocks that nobody uses
    require(is_wrong or unchecked or there.code == 0, "what is right has its other form", there.err)
    if there.code != 0:
        return
    name = f"page.{suffix}"
    after = json.loads(run("check", "--format", "json", text=there.out, name=name).out)
    is_same = diagnostics(after) == diagnostics(found)
    require(is_same, "the other form is found to be as wrong", difference(found, after))
    back = run("convert", "--to", case.name.rpartition(".")[2], text=there.out, name=name)
    require(back.code == 0, "there and back", back.err)
    again = run("convert", "--to", to, text=back.out)
    require(again.out == there.out, "there, back and there", f"{there.out}\n{again.out}")


def diagnostics(found: list[Any]) -> Counter[tuple[str, str]]:
    """Count what was found, but for allowances: comments have no place in JSON."""
    return Counter((one["code"], one["message"]) for one in found if one["code"] != "NN402")


def difference(before: list[Any], after: list[Any]) -> str:
    a, b = diagnostics(before), diagnostics(after)
    return f"only before: {a - b}\nonly after: {b - a}"


def fix_is_never_worse(case: Case, errors: list[Any], run: Callable[..., Result]) -> None:
    if case.name.endswith(".json"):
        return
    result = run("check", "--fix", "--format", "json")
    text = Path(case.name).read_bytes().decode()
    left = json.loads(run("check", "--format", "json", text=text).out)
    after = [one for one in left if one["severity"] == "error"]
    require(
        len(after) <= len(errors), "--fix is never worse", f"{text}\n{difference(errors, after)}"
    )
    require(
        diagnostics(json.loads(result.out)) == diagnostics(left), "--fix says what is left", text
    )


def same(a: Any, b: Any) -> bool:
    """Are two trees equal but for places and parentheses?"""
    while isinstance(a, Group):
        a = a.inner
    while isinstance(b, Group):
        b = b.inner
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if dataclasses.is_dataclass(a) and not isinstance(a, Span):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    return isinstance(a, Span) or a == b


def analysed(case: Case) -> Checked:
    settings = dict(setting.split("=", 1) for setting in case.settings)
    return analyse(Source(case.name, case.text, Path(case.name)), Diagnostics(), settings)


def is_small(case: Case) -> bool:
    checked = analysed(case)
    spec, graph = checked.spec, checked.graph
    if spec is None or graph is None:
        return spec is not None and not spec.network
    numbers = graph.parameter_count + sum(
        abs(length) for node in graph.nodes for length in node.output.shape
    )
    batch = spec.train.batch if spec.train else 1
    return numbers < SMALL and len(graph.nodes) < 12 and batch <= 100


# --- The search ------------------------------------------------------------------------------


def broken(case: Case, thorough: bool) -> Broken | None:
    try:
        hold(case, thorough)
    except Broken as error:
        return error
    except (AssertionError, ValueError, KeyError) as error:  # of a rule, on what a command wrote
        return Broken(f"{type(error).__name__} in the rules", repr(error))
    return None


@pytest.fixture
def _bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import resource

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooLong(f"more than {MAX_SECONDS} s of processor time")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNDSL_TRACEBACK", "1")
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # figures take most of the time
    before = signal.signal(signal.SIGPROF, stop)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MAX_BYTES, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)
    signal.signal(signal.SIGPROF, before)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="its bounds of time and memory are Linux's")
@pytest.mark.usefixtures("_bounded")
def test_no_page_breaks_a_rule(data_folder: Path) -> None:
    for path in (ROOT / "specs" / "data").iterdir():
        (data_folder / "data").mkdir(exist_ok=True)
        (data_folder / "data" / path.name).symlink_to(path)
    maker, told = Maker(SEED), Counter[str]()
    end, number = time.monotonic() + SECONDS, FROM
    while time.monotonic() < end:
        case, thorough = maker.case(number), number % 10 == 0
        if (found := broken(case, thorough)) is not None:
            told[found.rule] += 1
            if told[found.rule] == 1:
                print(f"\n== seed {SEED}, case {number}: {found.rule}\n{str(found)[:3000]}\n--")
                print(minimized(case, partial(breaks, found.rule, thorough)), flush=True)
        number += 1
    print(f"\n{number - FROM:,} cases from {FROM} of seed {SEED}; broken rules: {dict(told)}")
    assert not told


def breaks(rule: str, thorough: bool, case: Case) -> bool:
    found = broken(case, thorough)
    return found is not None and found.rule == rule
