"""A PostgreSQL server of a test's own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, or None where there is none."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server with its files in a new folder; yield the address of a database.

    It listens on a socket in the folder alone. Root must not run it: then it runs as `nobody`.
    """
    where = programs()
    assert where is not None
    folder.mkdir()
    user: list[str] = []
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = ["runuser", "-u", "nobody", "--"]
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    data = str(folder / "data")
    control = [*user, str(where / "pg_ctl"), "-D", data, "-w"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    log = ["-l", str(folder / "log")]
    make = [*user, str(where / "initdb"), "-D", data, "-U", "nndsl", "--auth=trust", "-N"]
    subprocess.run(make, cwd=folder, check=True, capture_output=True)
    subprocess.run(
        [*control, *log, "-o", options, "start"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"postgresql://nndsl:no-secret@/postgres?host={folder}"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], cwd=folder, check=True, capture_output=True
        )
