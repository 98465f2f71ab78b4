"""Downloads, which are verified before they are written in one step."""

import hashlib
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from nndsl.files import write_bytes

_TIMEOUT = 30  # seconds without a byte
_CHUNK = 1 << 16  # bytes


class DownloadError(Exception):
    """A download failed, or is another file than expected. The message says why."""


def download(
    url: str, path: Path, size: int, sha256: str, progress: Callable[[int, int], None] | None = None
) -> None:
    """Download a URL to a path, if it has this size in bytes and this checksum.

    If anything fails, the path is as it was.
    DownloadError if the download fails, OSError if the file cannot be written.
    """

    def receive(file: IO[bytes]) -> None:
        digest, done = hashlib.sha256(), 0
        for chunk in _chunks(url):
            done += len(chunk)
            if done > size:
                raise DownloadError(f"it is larger than {size} bytes")
            digest.update(chunk)
            file.write(chunk)
            if progress is not None:
                progress(done, size)
        if done < size:
            raise DownloadError(f"it ended after {done} of {size} bytes")
        if digest.hexdigest() != sha256:
            raise DownloadError("it is another file than expected: its checksum differs")

    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, receive)


def _chunks(url: str) -> Iterator[bytes]:
    try:
        with urlopen(url, timeout=_TIMEOUT) as response:
            while chunk := response.read(_CHUNK):
                yield chunk
    except HTTPError as error:
        raise DownloadError(f"the server answers {error.code}") from None
    except URLError as error:
        raise DownloadError(f"there is no connection ({error.reason})") from None
    except (HTTPException, OSError, ValueError):  # ValueError: an invalid URL
        raise DownloadError("the connection broke") from None
