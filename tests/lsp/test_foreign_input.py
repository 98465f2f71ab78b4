"""What is no message of an editor is told in words; what is wrong within one ends nothing."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
FOREIGN = {
    b"hello\n": "hello",
    b"\xff\xfe\x00": "\\xff\\xfe",
    b"Content-Length: 99999999999\r\n\r\n{}": "99999999999 bytes",
}


def served(given: bytes) -> "subprocess.CompletedProcess[bytes]":
    pytest.importorskip("pygls")
    command = [sys.executable, "-m", "nndsl", "lsp"]
    return subprocess.run(command, input=given, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(("given", "shown"), FOREIGN.items())
def test_what_is_no_message_ends_the_server_in_words(given: bytes, shown: str) -> None:
    ended = served(given)
    first, help, *rest = ended.stderr.decode().splitlines()
    assert first.startswith(f"error: this is no message of the Language Server Protocol: {shown}")
    assert "docs/editors.md" in help
    assert (ended.returncode, ended.stdout, rest) == (2, b"", [])


def test_a_message_that_cannot_be_read_has_a_line_and_ends_nothing() -> None:
    wrong = [b'{"a":', b"[]", b'{"jsonrpc": "2.0", "id": 1, "method": "nope"}', b"[" * 100_000]
    sent = [b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in wrong]
    ended = served(b"".join(sent))
    assert ended.returncode == 0
    assert ended.stdout.count(b"window/showMessage") == len(wrong)
    assert ended.stderr.count(b"Unable to handle message: ") == len(wrong)
    assert len(ended.stderr.splitlines()) <= 2 * len(wrong)
