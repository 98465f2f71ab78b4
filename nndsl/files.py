"""Writing files so that nothing is ever half written, whatever ends the process or the power."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EACCES, ELOOP
from pathlib import Path
from typing import IO

_OPEN = ("/dev", "/dev/fd", "/proc/self/fd")
_OURS = ".nndsl-"  # how the name of what is filled before it is there begins
_UNFINISHED = f"{_OURS}unfinished-"  # and that of a folder


def write_bytes(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it there in one step.

    A link stays one: what it leads to is written. A file that was there keeps its permissions,
    its owner and its other names. When this returns, it is on the disk. Where the system can fill
    a file that has no name, a process that is killed leaves nothing behind. A stream is written
    into as it is.
    OSError where the folder does not exist, or where folder or file cannot be written; `path` is
    then as it was.
    """
    if is_stream(path):
        with path.open("ab") as stream:  # a redirected output may hold something already
            write(stream)
        return
    given, path = path, Path(os.path.realpath(path))
    if path.is_symlink():
        raise OSError(ELOOP, "the link leads to itself", str(given))
    before = path.stat() if path.exists() else None
    if before is not None and not (before.st_mode & 0o222 and os.access(path, os.W_OK)):
        raise PermissionError(EACCES, "it is read-only", str(given))
    temporary = path.with_name(f"{_OURS}{secrets.token_hex(4)}")
    handle = _nameless(path.parent)
    named = handle is None
    if handle is None:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_OURS)
        temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(handle)  # before the name: it would lead to an empty file after a power cut
            if not named:  # as a file of any folder, or the name of the link would be its content
                os.link(f"/proc/self/fd/{handle}", temporary, src_dir_fd=handle)
        if before is not None and (before.st_nlink > 1 or not _give(temporary, before)):
            _overwrite(path, temporary)  # a file of several names, or of somebody else
            return
        temporary.chmod(before.st_mode & 0o777 if before else 0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def is_stream(path: Path) -> bool:
    """Is a path a device, a pipe, or what this process has open, and no place to put a file?"""
    special = path.exists() and not path.is_file() and not path.is_dir()
    return special or path.parent.as_posix() in _OPEN


def _give(temporary: Path, before: os.stat_result) -> bool:
    """Make a file that of an owner; False where this is somebody else, and not allowed."""
    made = temporary.stat()
    if (made.st_uid, made.st_gid) == (before.st_uid, before.st_gid):
        return True
    try:
        os.chown(temporary, before.st_uid, before.st_gid)
    except OSError:
        return False
    return True


def _overwrite(path: Path, temporary: Path) -> None:
    with temporary.open("rb") as content, path.open("wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.unlink()


def create_folder(folder: Path) -> None:
    """Create a folder, and those that it lies in, where they are not there yet. OSError."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in new:
        sync_folder(one.parent)


@contextmanager
def unfinished_folder(parent: Path) -> Iterator[Path]:
    """Make a folder to fill, before its content is moved into `parent`, and remove it. OSError.

    It is locked while its process lives. Those of the same user that are not, since a process was
    killed, are removed first, where the system has such locks; but only those of this machine,
    made since it was started, or last filled before: of others it may not see the locks.
    """
    machine, start, since = _machine()
    ours = f"{_UNFINISHED}{machine}-{start}-"
    for left in parent.glob(f"{_UNFINISHED}{machine}-*"):
        with suppress(OSError):  # another process has removed it
            if left.name.startswith(ours) or left.lstat().st_mtime < since:
                _remove_if_dead(left)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=_OURS))
    try:
        with _locked(folder):  # before it has the name of what may be removed
            folder = folder.rename(parent / folder.name.replace(_OURS, ours, 1))
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _machine() -> tuple[str, str, float]:
    """Return what tells this machine from others, its start from its others, and when that was."""
    from hashlib import sha256

    name = os.uname().nodename if hasattr(os, "uname") else ""
    start, since = "", 0.0
    with suppress(OSError, AttributeError):  # where this is no Linux
        start = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8")
        since = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    hashes = (sha256(os.fsencode(text)).hexdigest() for text in (name, start))
    machine, start = (text[:12] for text in hashes)
    return machine, start, since


def _remove_if_dead(folder: Path) -> None:
    with suppress(OSError), _locked(folder) as is_dead:
        if is_dead:
            shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder of this user, which goes with the process. OSError: it is none.

    False where another process holds it, or the folder is of somebody else, or cannot be locked:
    on Windows, and in some folders of a network.
    """
    try:
        import fcntl
    except ImportError:  # pragma: no cover
        yield False
        return
    # Neither a pipe is waited for nor a link followed.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        is_ours = os.fstat(handle).st_uid == os.geteuid()
        if is_ours:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                is_ours = False
        yield is_ours
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, where the system does not so by itself."""
    with suppress(OSError):  # it cannot be read, or its file system knows no such thing
        handle = os.open(folder, os.O_RDONLY)  # Windows refuses, and keeps names by itself
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove_temporaries(folder: Path) -> None:
    """Remove what killed processes were filling in a folder. Nobody else may be at work in it."""
    for path in folder.glob(f"{_OURS}*"):
        if path.is_file():
            path.unlink()


def write_text(path: Path, text: str) -> None:
    """Put a text at `path` in one step, in UTF-8, with its line ends as they are.

    Names of files in it that are no UTF-8 keep their bytes: a command can be run again.
    """
    write_bytes(path, lambda file: file.write(text.encode("utf-8", "surrogateescape")))


def write_content(path: Path, content: str | bytes) -> None:
    """Put a text or bytes at `path` in one step."""
    if isinstance(content, str):
        write_text(path, content)
    else:
        write_bytes(path, lambda file: file.write(content))


def share(origin: Path, target: Path) -> bool:
    """Give a file, or all of a folder, a second name at `target`, where nothing is yet.

    It takes no room, and outlives the first name. False where that cannot be: on another disk.
    """
    try:
        if origin.is_dir():
            shutil.copytree(origin, target, copy_function=_second_name)
        else:
            _second_name(str(origin), str(target))
    except (OSError, NotImplementedError, shutil.Error):
        shutil.rmtree(target, ignore_errors=True)
        return False
    return True


def _second_name(origin: str, target: str) -> None:
    os.link(os.path.realpath(origin), target)


def copy(origin: Path, target: Path) -> None:
    """Put a copy of a file, or of a folder where nothing is, at `target` in one step. OSError."""
    if not origin.is_dir():
        with origin.open("rb") as content:
            write_bytes(target, lambda file: shutil.copyfileobj(content, file))
        return
    with unfinished_folder(target.parent) as temporary:
        shutil.copytree(origin, temporary / target.name)
        (temporary / target.name).rename(target)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder. OSError where there is none."""
    if not path.is_dir():
        return path.stat().st_size
    found = os.walk(path, followlinks=True)  # as a copy follows them
    return sum(Path(folder, name).stat().st_size for folder, _, names in found for name in names)


def _nameless(folder: Path) -> int | None:
    """Open a file of a folder that has no name yet, where that can be (Linux)."""
    if not hasattr(os, "O_TMPFILE") or not Path("/proc/self/fd").exists():
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError:  # there is no folder, or its file system has none such
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
