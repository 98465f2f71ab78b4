"""The server of the page: on this machine alone, for whoever knows its token.

A page of another site can send requests to a loopback address, and a name can be made to lead
there. So every request must name this address as its host, and those that ask for something must
come from this very page and name a key. The page gets that for the token behind `#` in the address
that is opened, once: all users of this machine may see the address that a browser was started with.
A cookie would go to the servers of other users, too: it knows no ports.
"""

import asyncio
import json
import os
import secrets
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nndsl.confined.folder import Refused
from nndsl.confined.process import JobError, Workers
from nndsl.languages import LANGUAGES, chosen_language, in_language, translated
from nndsl.live.execute import THREADS
from nndsl.play.answers import CHECK, METHODS
from nndsl.play.files import NEW, Pages, new_page
from nndsl.play.words import PAGE, index
from nndsl.resources import main_of

HOST = "127.0.0.1"
PORT = 8765  # unless it is taken: drafts in the browser belong to one
MAX_REQUEST = 64_000  # bytes
MAX_RUNS = 4
SECONDS = 20.0  # that the compiler may take for an answer
ASSETS = {
    "play.js": "text/javascript",
    "play.css": "text/css",
    "icon.svg": "image/svg+xml",
    "licenses.txt": "text/plain",  # of what is bundled in play.js, whose first line names it
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
JOBS = ("train", "prove")  # that a worker knows
WORDS = ("pause", "go", "stop")  # that a run is told
KEY = "x-nndsl-key"  # a header
SHUT = """\
Open the address that `nndsl play` printed: it has the token that this page asks for. It opens one
browser, once: for another, begin `nndsl play` anew.

If somebody sent you a link to a page: put what stands in it from #page= on behind that address.
"""


class Playground:
    """What a browser may ask of one folder."""

    def __init__(
        self, pages: Pages, first: str | None, port: int, seconds: float = SECONDS
    ) -> None:
        self.pages, self.first, self.port, self.seconds = pages, first, port, seconds
        self.compilers = Workers("nndsl.play.compiler")
        self.key = secrets.token_urlsafe(24)
        self._tokens: set[str] = set()
        self._language = chosen_language()  # to begin with
        self.hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
        self._runs: dict[str, asyncio.subprocess.Process | None] = {}
        self._turns = {True: asyncio.Lock(), False: asyncio.Lock()}  # checks do not wait for builds
        self._own: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "start": self._start,
            "pages": lambda given: {"pages": self.pages.names()},
            "open": lambda given: self.pages.read(str(given.get("name"))),
            "save": self._save,
        }

    def new_address(self) -> str:
        """Return an address that opens one browser, once."""
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return f"http://{HOST}:{self.port}/#token={token}"

    @property
    def running(self) -> int:
        """How many processes compute."""
        return len(self._runs)

    def app(self) -> ASGIApp:
        """Return the application that a server runs."""
        inner = Starlette(
            routes=[
                Route("/", self._index),
                Route("/{asset:str}", self._asset),
                Route("/enter", self._enter, methods=["POST"]),
                Route("/ask/{method:str}", self._ask, methods=["POST"]),
                Route("/run/{what:str}", self._run, methods=["POST"]),
                Route("/tell/{run:str}/{word:str}", self._tell, methods=["POST"]),
            ],
            exception_handlers={Refused: _refused},
            lifespan=self._lifespan,
        )

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message).update(HEADERS)
                await send(message)

            is_request = scope["type"] == "http"
            with in_language(self._language_of(Request(scope)) if is_request else self._language):
                refusal = self._refusal(Request(scope)) if is_request else None
                await (refusal or inner)(scope, receive, sending)

        return guarded

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncGenerator[None]:
        yield
        self.compilers.end()

    def _language_of(self, request: Request) -> str:
        """Return the language of the page that asks; who opens it gets the server's own."""
        named = request.headers.get("accept-language", "")
        return named if request.method == "POST" and named in LANGUAGES else self._language

    def _refusal(self, request: Request) -> Response | None:
        """Return the answer to what does not come from the page, and from who knows the key."""
        headers = request.headers
        if headers.get("host") not in self.hosts:
            return said("wrong host", 421)
        if request.method == "POST":
            if headers.get("origin") != f"http://{headers['host']}":
                return said("wrong origin", 403)
            if headers.get("content-type") != "application/json":
                return said("a request is JSON", 415)
            length = headers.get("content-length", "")
            if not length.isdecimal() or len(length) > 9 or int(length) > MAX_REQUEST:
                return said("a page is shorter", 413)
            known = secrets.compare_digest(headers.get(KEY, "").encode(), self.key.encode())
            if not known and request.url.path != "/enter":
                return said(SHUT, 403)
        return None

    async def _enter(self, request: Request) -> Response:
        token = (await _given(request)).get("token")
        if token not in [*self._tokens]:
            return said(SHUT, 403)
        self._tokens.remove(token)
        return JSONResponse({"key": self.key})

    async def _index(self, request: Request) -> Response:
        return Response(index(), media_type="text/html")

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["asset"]
        if name not in ASSETS:
            return said("there is nothing of this name", 404)
        return Response((PAGE / name).read_bytes(), media_type=ASSETS[name])

    async def _ask(self, request: Request) -> Response:
        method, given = request.path_params["method"], await _given(request)
        if method in self._own:
            return JSONResponse(await run_in_threadpool(self._own[method], given))
        if method not in METHODS:
            return said("there is no such question", 404)
        async with self._turns[method == CHECK]:
            if await request.is_disconnected():  # it asks of a newer text by now
                return Response()
            return JSONResponse(await run_in_threadpool(self._answer, method, given))

    def _answer(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        given = self.pages.inside({"name": NEW, **given})
        try:
            found = self.compilers.call(method, (self.pages.folder, method, given), self.seconds)
        except JobError as error:
            raise Refused(str(error)) from None
        if isinstance(found, str):
            raise Refused(found)
        answer: dict[str, Any] = found
        return answer

    def _start(self, given: dict[str, Any]) -> dict[str, Any]:
        names = self.pages.names()
        first = self.first or (names[0] if len(names) == 1 else None)
        page = self.pages.read(first) if first else {"name": None}
        if not names and (not first or page.get("checksum") is None):
            page |= new_page(first or NEW)
        return {**page, "pages": names, "folder": self.pages.folder.name}

    def _save(self, given: dict[str, Any]) -> dict[str, Any]:
        before = given.get("checksum")
        name, text = str(given.get("name")), str(given.get("text", ""))
        return self.pages.save(name, text, None if before is None else str(before))

    # --- Processes that compute -----------------------------------------------------------

    async def _run(self, request: Request) -> Response:
        given = await _given(request)
        path, what = self.pages.path(str(given.get("name"))), request.path_params["what"]
        if what not in JOBS:
            return said("there is no such run", 404)
        job = {
            **{name: given.get(name) for name in ("text", "style", "language")},
            "name": path.name,
            "folder": str(path.parent),
            "root": str(self.pages.folder),
            "what": what,
        }
        return StreamingResponse(self.lines(job), media_type="application/x-ndjson")

    async def lines(self, job: dict[str, Any]) -> AsyncGenerator[bytes]:
        """Yield what a worker says, a line each. It ends with whoever listens."""
        if len(self._runs) >= MAX_RUNS:
            yield json.dumps({"error": translated("stop another run first")}).encode() + b"\n"
            return
        key, process = secrets.token_urlsafe(8), None
        self._runs[key] = None  # before anything is waited for: another request may come
        own = TemporaryDirectory(prefix="nndsl-", ignore_cleanup_errors=True)
        try:
            process = await asyncio.create_subprocess_exec(
                *main_of("nndsl.play.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=2**26,
                env={**os.environ, THREADS: "1", "TMPDIR": own.name},
            )
            self._runs[key] = process
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(job).encode() + b"\n")
            yield json.dumps({"run": key}).encode() + b"\n"
            async for line in process.stdout:
                yield line
            code = await process.wait()
            if code:
                ended = translated(f"the process ended with code {code}")
                yield json.dumps({"error": ended}).encode() + b"\n"
        finally:
            del self._runs[key]
            if process is not None:
                with suppress(ProcessLookupError):
                    process.kill()
                assert process.stdin is not None
                process.stdin.close()
                await process.wait()  # its pipes are closed with it
            own.cleanup()

    async def _tell(self, request: Request) -> Response:
        run, word = request.path_params["run"], request.path_params["word"]
        process = self._runs.get(run)
        if process is None or process.stdin is None or word not in WORDS:
            return said("there is no such run", 404)
        process.stdin.write(f"{word}\n".encode())
        return JSONResponse({})


def said(text: str, status: int) -> Response:
    """Return a text for whoever looks, as the answer to what was asked wrongly."""
    return PlainTextResponse(translated(text), status)


async def _given(request: Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Refused("a request is an object of JSON")
    return given


async def _refused(request: Request, error: Exception) -> Response:
    return said(str(error), 403)


def open_socket(port: int | None) -> socket.socket:
    """Return a socket of this machine alone: at a port, or at ours or any. OSError if taken."""
    opened = socket.socket()
    if sys.platform != "win32":  # there it would share the port
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, PORT if port is None else port))
    except OSError:
        if port is not None:
            opened.close()
            raise
        opened.bind((HOST, 0))
    opened.listen()  # a browser that is opened at once waits
    return opened


def server(playground: Playground, log_level: str = "warning") -> uvicorn.Server:
    """Return the server of a page, which ends a second after it was told to."""
    app = playground.app()
    return uvicorn.Server(
        uvicorn.Config(app, log_level=log_level, timeout_graceful_shutdown=1, server_header=False)
    )


def serve(playground: Playground, opened: socket.socket) -> None:
    """Answer until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        server(playground).run(sockets=[opened])
