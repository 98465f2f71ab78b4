"""Experiments: compare, search, record, expect and minimize, understood and checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nndsl.analysis.scope import Place
from nndsl.syntax.tree import Call, Tree

EXPERIMENTS: dict[str, Callable[[Call, Place, Tree], Any]] = {}
