"""A wheel of the nndsl that runs, for machines on which it is to be the same: no index needs it."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from nndsl import __version__
from nndsl.resources import own_files

TAG = "py3-none-any"
NAME = f"nndsl-{__version__}-{TAG}.whl"
ABOUT = f"Wheel-Version: 1.0\nGenerator: nndsl {__version__}\nRoot-Is-Purelib: true\nTag: {TAG}\n"


def installed() -> tuple[str, dict[str, bytes]]:
    """Return what pip is to install, and the files that this needs: this nndsl, if it can be."""
    wheel = own_wheel()
    return (f"./{NAME}", {NAME: wheel}) if wheel else (f"nndsl=={__version__}", {})


def with_extra(nndsl: str, extra: str) -> str:
    """Return what pip is to install, of `installed`, with an extra of the package."""
    name, version, release = nndsl.partition("==")
    return f"{name}[{extra}]{version}{release}"


def own_wheel() -> bytes | None:
    """Return a wheel to install under its `NAME`; None where this nndsl was never installed."""
    folder = f"nndsl-{__version__}.dist-info"
    try:
        known = distribution("nndsl")
    except PackageNotFoundError:  # it runs from a folder, and nobody said what it needs
        return None
    if known.version != __version__:  # another nndsl than this one is installed
        return None
    files = {name: path.read_bytes() for name, path in own_files()}
    for name in ("METADATA", "entry_points.txt"):
        files[f"{folder}/{name}"] = (known.read_text(name) or "").encode()
    files[f"{folder}/WHEEL"] = ABOUT.encode()
    record = f"{folder}/RECORD"
    files[record] = "".join(f"{name},,\n" for name in [*files, record]).encode()
    return archive(files)


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file, the same for the same files. Scripts at its root can be run."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            info = ZipInfo(name)
            info.external_attr = (0o644 if "/" in name else 0o755) << 16
            zipped.writestr(info, data, ZIP_DEFLATED)
    return content.getvalue()
