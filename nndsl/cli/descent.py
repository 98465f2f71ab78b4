"""What commands do with a spec that holds a formula: descend on it, alone or in variants."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from pathlib import Path

from nndsl.analysis.compile import Checked
from nndsl.analysis.outcomes import outcomes
from nndsl.cli.failure import CommandError
from nndsl.cli.output import say, unwritable, write
from nndsl.cli.run import hold, new_or_named
from nndsl.live.descent import SCRIPT, Descent
from nndsl.report.descents.pages import report_descent
from nndsl.report.descents.walk import Walk
from nndsl.source import Source


def run_descent(checked: Checked, source: Source, arguments: Namespace) -> int:
    """Run the script's own text, and keep its path and a report in a folder."""
    if arguments.optimize:
        raise CommandError(
            "a formula has no training step to optimize", "leave out --optimize", code=1
        )
    descent = Descent(checked)
    folder = new_or_named(arguments.output, descent.spec.name)
    command = shlex.join(["nndsl", "run", arguments.spec, *given_settings(arguments)])
    suffix = ".json" if source.name.endswith(".json") else ".nn"
    write(folder / f"spec{suffix}", source.text)
    write(folder / "command.txt", f"{command}\n")
    write(folder / SCRIPT, descent.source)
    trajectory = descent.run()
    sys.stdout.flush()
    held = outcomes(descent.spec.experiments.get("expect") or (), trajectory.results)
    write(folder / "path.csv", trajectory.to_csv())
    write(folder / "results.json", trajectory.to_json(held))
    walk = Walk(descent.program.update.title, descent, trajectory)
    try:
        missing = report_descent(walk, held, command, folder)
    except OSError as error:
        raise unwritable(folder, error) from None
    tell(folder, missing)
    hold(held)
    if not trajectory.is_finite:
        help = "a smaller learning rate helps most"
        raise CommandError("the descent diverged: f is not a finite number", help, code=1)
    return 0


def given_settings(arguments: Namespace) -> list[str]:
    """Return the settings from outside as they were given: `--set`, `rate=0.1` …"""
    return [part for name, value in arguments.set for part in ("--set", f"{name}={value}")]


def tell(folder: Path, missing: str) -> None:
    """Say what was written, and what was not."""
    names = sorted(path.name for path in folder.iterdir())
    say(f"wrote {folder}/: {', '.join(names)}")
    if missing:
        say(missing)
