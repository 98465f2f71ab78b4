"""`nndsl build`: the training script, and next to it the data files that it reads."""

import filecmp
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nndsl.analysis.compile import Checked
from nndsl.cli.arguments import SHARED, Parser, add_shared, parse, style_of
from nndsl.cli.errors import CommandError, report
from nndsl.cli.output import (
    check_output_path,
    checked_spec,
    print_diff,
    print_text,
    say,
    warn,
    write,
    write_error,
)
from nndsl.cli.progress import downloads
from nndsl.cli.rendering import plural
from nndsl.data import DataError
from nndsl.emit.build import build_script
from nndsl.emit.checksum import read_provenance
from nndsl.emit.script import Script
from nndsl.files import copy, is_stream
from nndsl.interchange import command_line
from nndsl.project import project_above
from nndsl.vocabulary.dataset import Data

DESCRIPTION = "Write the script of a spec, and the data files it needs beside it."
EXAMPLE = """\
  nndsl build digits.nn -o train.py
  nndsl build --check      of all that pyproject.toml names: is it up to date?"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("spec", nargs="?", **SHARED["spec"])
    add_shared(parser, "--set", "--words")
    parser.add_argument("-o", "--output", metavar="FILE", help="the script; - is stdout")
    parser.add_argument("--check", action="store_true", help="compare with FILE, and write nothing")
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace files that nndsl did not write like this",
    )
    parser.add_argument(
        "--with",
        dest="extra",
        choices=["gradcheck"],
        help="a check in the script: python train.py --check-gradients",
    )
    add_shared(parser, "--names", "--optimize", "--style", "--watch")


def run(arguments: Namespace) -> int:
    if arguments.spec is None:
        targets = _targets(arguments)
    elif arguments.output is None:
        parser_says = "the following arguments are required: -o/--output"
        raise CommandError(parser_says, "`nndsl build --help` shows what it takes")
    else:
        targets = [arguments]
    if arguments.watch:
        from nndsl.cli.watch import repeat

        return repeat(lambda: _build_all(targets), [one.spec for one in targets])
    return _build(arguments) if arguments.spec else _build_all(targets)


def _targets(arguments: Namespace) -> list[Namespace]:
    """Return the arguments of all scripts that `[tool.nndsl.build]` names. CommandError.

    Each is a script with its page, or with `spec` and the options of this command.
    """
    if arguments.output is not None:
        raise CommandError("which spec?", "name it before -o")
    project = project_above(Path())
    table = project.settings.get("build") if project else None
    if project is None or not isinstance(table, dict) or not table:
        help = 'or [tool.nndsl.build] in pyproject.toml has "train.py" = "net.nn"'
        raise CommandError("which spec?", f"nndsl build SPEC -o FILE, {help}")
    folder = Path(os.path.relpath(project.folder))
    found = []
    for script, given in table.items():
        options = {"spec": given} if isinstance(given, str) else given
        if not isinstance(options, dict) or not isinstance(options.get("spec"), str):
            wrong = f"{project.source.name}: `{script}` names no spec"
            raise CommandError(wrong, f'write "{script}" = "net.nn"')
        words = [str(folder / options["spec"]), "-o", str(folder / script)]
        words += ["--color", arguments.color, *["--quiet"] * arguments.quiet]
        for name, value in options.items():
            if name != "spec":
                words += _as_option(name, value)
        try:
            one = parse("build", sys.modules[__name__], words)
        except CommandError as error:
            wrong = f"{project.source.name}: `{script}`: {error.message}"
            raise CommandError(wrong, error.help) from None
        assert one is not None
        one.words = [str(folder / path) for path in one.words]
        one.check, one.force = arguments.check, arguments.force
        found.append(one)
    return found


def _as_option(name: str, value: Any) -> list[str]:
    """Return a setting of a target as the words of an option: `style = "layers"`."""
    option = f"--{name}"
    match value:
        case bool():
            return [option] * value
        case list():
            return [word for one in value for word in (option, str(one))]
        case dict():
            return [word for key, one in value.items() for word in (option, f"{key}={one}")]
    return [option, str(value)]


def _build_all(targets: list[Namespace]) -> int:
    """Build one script after the other, whatever is wrong with some; return the exit code."""
    code = 0
    for target in targets:
        try:
            code = max(code, _build(target))
        except Exception as error:
            code = max(code, report(error))
    return code


def _build(arguments: Namespace) -> int:
    output = Path(arguments.output)
    source, checked = checked_spec(arguments, brief=True)
    to_stdout = arguments.output == "-"
    streams = to_stdout or is_stream(output)
    name = None if streams else output.name
    script = build_script(
        checked,
        name=name,
        optimized=arguments.optimize,
        style=style_of(arguments),
        naming=arguments.names,
        with_gradient_check=_is_checked(arguments, checked),
    )
    if arguments.check:
        return _compare(script, output, streams)
    if streams:
        print_text(script.text) if to_stdout else write(output, script.text)
        for needed, file in script.files.items():
            say(f"the script reads {needed} beside itself: copy it from {file.path}")
        return 0
    check_output_path(output, source, checked.spec)
    if output.suffix == ".nn":
        wrong = f"{output} would be a page by its name, and holds a script"
        raise CommandError(wrong, "name another file after -o, such as train.py")
    if not arguments.force:
        _require_own(output)
    missing = _fetch(checked.spec.data if checked.spec else None, source.path)
    copies = dict(_copies(script, output, force=arguments.force))
    for target, origin in copies.items():
        _copy(origin, target)
    write(output, script.text)
    say(f"wrote {output} ({plural(script.text.count(chr(10)), 'line')})")
    for target, origin in copies.items():
        say(f"wrote {target} (the script reads it; a copy of {origin})")
    if missing:
        absent = ", ".join(name for name, file in script.files.items() if not file.path.exists())
        wrong = "the script has no data yet" if absent else "the script cannot read its data"
        ways = [missing.help or "", f"or put {absent} beside {output}" if absent else ""]
        warn(f"{wrong}: {missing.message}", "\n".join(filter(None, ways)))
    elif script.parts:
        say(f"train with: python {command_line([str(output)])}")
    elif checked.minimizes:
        say(f"descend with: python {command_line([str(output)])}")
    return 0


def _is_checked(arguments: Namespace, checked: Checked) -> bool:
    """Whether the script gets a gradient check. CommandError if it cannot have one."""
    spec = checked.spec
    if arguments.extra and arguments.optimize:
        raise CommandError("--with gradcheck reads the plain script", "leave out --optimize")
    if arguments.extra and spec is not None and (spec.data is None or spec.train is None):
        raise CommandError("--with gradcheck needs a spec with `data` and `train`", code=1)
    if arguments.extra and spec is not None and spec.train is not None and spec.train.gradient:
        raise CommandError(
            "--with gradcheck needs a backward pass, and the spec names another gradient",
            "leave out `gradient`",
            code=1,
        )
    return bool(arguments.extra)


def _require_own(output: Path) -> None:
    """CommandError where somebody's work would be lost: a file that is not as nndsl wrote it."""
    if not output.is_file() or not output.stat().st_size:
        return
    provenance = read_provenance(output.read_text(encoding="utf-8", errors="replace"))
    if provenance is None or not provenance.is_unchanged:
        wrong = "was edited by hand" if provenance else "is not a script that nndsl wrote"
        raise CommandError(f"{output} {wrong}", "name another file after -o, or add --force")


def _compare(script: Script, output: Path, streams: bool) -> int:
    if streams:
        raise CommandError("--check compares with a file", "name it after -o")
    if not output.exists():
        raise CommandError(f"{output} does not exist", "build it without --check", code=1)
    try:
        found = output.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {output}: {error}") from None
    if found == script.text:
        say(f"{output} is up to date")
        return 0
    print_diff(found, script.text, str(output), f"{output} (as built now)")
    for reason in _why_different(found, script.text):
        say(f"{output} {reason}")
    return 1


def _why_different(found: str, built: str) -> list[str]:
    """Return why a script differs from the one that is built now, each as a predicate."""
    old, new = read_provenance(found), read_provenance(built)
    assert new is not None
    if old is None:
        return ["does not say that nndsl wrote it: it is another script, or its head was edited"]
    reasons = []
    if old.spec != new.spec:
        reasons.append("is stale: the spec was changed, or other settings were given")
    if old.version != new.version:
        reasons.append(f"was made by nndsl {old.version}, and this is nndsl {new.version}")
    if not old.is_unchanged:
        reasons.append("was edited by hand: put the change into the spec, or keep it elsewhere")
    return reasons or ["was built with other options, or for a file of another name"]


def _fetch(data: Data | None, spec: Path | None) -> DataError | None:
    """Download the data; return the error, if any, since the script can be written anyway."""
    if data is None:
        return None
    try:
        with downloads() as progress:
            data.fetch(spec.parent if spec else Path(), progress)
    except DataError as error:
        return error
    return None


def _copies(script: Script, output: Path, *, force: bool) -> Iterator[tuple[Path, Path]]:
    """Yield the target and the origin of data files to copy, unless the target is equal."""
    for name, file in script.files.items():
        target = output.with_name(name)
        if not file.path.exists():
            continue
        if target.resolve() == output.resolve():
            raise CommandError(
                f"{output} is the data that the script reads", "name another file after -o"
            )
        if name == output.with_suffix(".weights.npz").name:
            raise CommandError(
                f"{output} would write its weights over {name}, the data that it reads",
                "name another file after -o",
            )
        if target.exists() and not _is_same(file.path, target):
            if file.path.is_dir() or target.is_dir():
                raise CommandError(
                    f"{target} holds something else than {file.path}, which the script needs there",
                    "move it away, or write the script to another folder",
                )
            if not force:
                raise CommandError(
                    f"{target} is another file than {file.path}, which the script needs there",
                    "move it away, write the script to another folder, or replace it with --force",
                )
            yield target, file.path
        elif not target.exists():
            yield target, file.path


def _is_same(origin: Path, target: Path) -> bool:
    """Whether two files, or two folders with their contents, are equal."""
    if origin.resolve() == target.resolve():
        return True
    if not origin.is_dir():
        return not target.is_dir() and filecmp.cmp(origin, target, shallow=False)
    names = {path.relative_to(origin) for path in origin.rglob("*")}
    return names == {path.relative_to(target) for path in target.rglob("*")} and all(
        filecmp.cmp(origin / name, target / name, shallow=False)
        for name in names
        if (origin / name).is_file()
    )


def _copy(origin: Path, target: Path) -> None:
    try:
        copy(origin, target)
    except OSError as error:
        raise write_error(target, error) from None
