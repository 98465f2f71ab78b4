"""What the numbers were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # they choose other kernels than the fastest
PACKAGES = ("numpy", "torch", "jax")


def unset_variables() -> dict[str, str]:
    """Return this process' environment without the variables that slow numpy down."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


def version(package: str) -> str | None:
    """Return the version of a package, or None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor() -> str:
    """Return the name of the processor, as the system knows it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def instructions() -> str:
    """Return the widest vector instructions that the processor has."""
    info = Path("/proc/cpuinfo")
    flags = info.read_text("utf-8").split() if info.exists() else []
    return next((name for name in ("avx512f", "avx2", "asimd") if name in flags), "unknown")


def blas() -> str:
    """Return the library and the kernels that numpy multiplies matrices with."""
    import numpy as np

    product = np.ones((4, 4)) @ np.ones((4, 4))  # loads the library
    assert product[0, 0] == 4
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown (threadpoolctl is not installed)"
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return ", ".join(
        f"{p['internal_api']} {p['version']} ({p.get('architecture', '?')}, "
        f"{p['num_threads']} threads)"
        for p in pools
    )


def description() -> list[str]:
    """Return the description of the machine, line by line."""
    versions = ", ".join(f"{name} {version(name) or 'not installed'}" for name in PACKAGES)
    return [
        f"{processor()}, {os.cpu_count()} cores, {instructions()}",
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {versions}",
        f"BLAS of numpy: {blas()}",
    ]
