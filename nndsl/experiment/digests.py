"""Digests of what is trained: two trainings with equal digests have equal results."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from nndsl import __version__
from nndsl.analysis.json_form import tree_to_json
from nndsl.analysis.spec import Spec
from nndsl.analysis.toplevel import without_experiments
from nndsl.diagnostics import Diagnostics

LENGTH = 16  # hexadecimal digits of a digest


def digest(value: Any) -> str:
    """Return the digest of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:LENGTH]


def spec_digest(spec: Spec) -> str:
    """Return the digest of what one training depends on, not of layout and comments."""
    return digest(tree_to_json(without_experiments(spec.tree), Diagnostics()))


def data_digests(spec: Spec) -> dict[str, str]:
    """Return the digest of each file that the data is read from, by its name.

    A folder counts with all files in it. A missing file is left out: the training will
    say so.
    """
    found = {
        path.relative_to(top.parent).as_posix(): (path, path.stat())
        for top in spec.files.values()
        for path in (sorted(top.rglob("*")) if top.is_dir() else [top])
        if path.is_file()
    }
    return {n: _content(path, at.st_mtime_ns, at.st_size) for n, (path, at) in found.items()}


def training_digest(spec: Spec, *, optimize: bool) -> str:
    """Return the digest of a training: the spec, its data, the version, `--optimize`."""
    return digest([spec_digest(spec), data_digests(spec), __version__, optimize])


@lru_cache(maxsize=64)
def _content(path: Path, changed: int, size: int) -> str:
    content = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            content.update(block)
    return content.hexdigest()[:LENGTH]
