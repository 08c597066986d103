"""The child that runs the cells of one notebook: an IPython shell of its own, whose messages go down a pipe.

It is forked from a process that has imported the libraries already, and ends by os._exit: nothing that a notebook does to its
process (options, environment, modules, threads) reaches the next run. The shell is the kernel's own (ipykernel's), with its
session's `send` in place of sockets, so that each message is what a kernel would have sent. Sockets, history and the user's
start-up files are left out.
"""

from __future__ import annotations

import builtins
import codecs
import gc
import getpass
import io
import os
import signal
import sys
from collections.abc import Mapping
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from jupyter_client.session import Session, json_packer
from traitlets.config import Config

# A cell that prints without end must not fill the memory of its process: so much is handed on at once.
_HELD_LETTERS = 1_000_000
_NO_INPUT = "raw_input was called, but this frontend does not support input requests."  # the words of a kernel
_INLINE = "module://matplotlib_inline.backend_inline"  # what a kernel sets, so that matplotlib's charts become outputs
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class _PipeSession(Session):
    """A session whose messages go down a pipe as JSON."""

    pipe: Connection

    def send(self, stream: object, msg_or_type: Any, content: Any = None, parent: Any = None, **about: Any) -> Any:  # type: ignore[override]
        """Sends a message, given whole or as type and content. Binary buffers of widgets are left out."""
        if isinstance(msg_or_type, dict):
            message = msg_or_type
        else:
            message = self.msg(msg_or_type, content=content, parent=parent, metadata=about.get("metadata"))
        tell(self.pipe, {name: message[name] for name in ("header", "msg_type", "parent_header", "content")})
        return message


class _Shell(ZMQInteractiveShell):
    """The kernel's shell, where a word that would end the kernel ends the cell."""

    def ask_exit(self) -> NoReturn:
        """Makes `exit` and `quit` what sys.exit() is: an error of the run."""
        raise SystemExit

    def enable_gui(self, gui: object = None) -> None:
        """Does nothing: there is no screen."""


class _Compiler(XCachingCompiler):
    """The kernel's compiler, without the process's number in the file names that a warning shows."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Returns the name under which a cell is compiled."""
        return f"/cells/{sha256(raw_code.encode()).hexdigest()}.py"


class _Stream(io.TextIOBase):
    """What a cell prints. `descriptor` is a file that stands where the terminal stood: what a subprocess wrote there comes
    in before the next words of Python, in the order in which it was written.
    """

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, name: str, descriptor: int, session: _PipeSession) -> None:
        self.name = name
        self._descriptor = descriptor
        self._session = session
        self._read = 0
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._held: list[str] = []
        self._letters = 0

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._absorb()
        self._hold(text)
        return len(text)

    def flush(self) -> None:
        self._absorb()
        text, self._held, self._letters = "".join(self._held), [], 0
        if text:
            self._session.send(None, "stream", {"name": self.name, "text": text})

    def _hold(self, text: str) -> None:
        self._held.append(text)
        self._letters += len(text)
        if self._letters > _HELD_LETTERS:
            text, self._held, self._letters = "".join(self._held), [], 0
            self._session.send(None, "stream", {"name": self.name, "text": text})

    def _absorb(self) -> None:
        while self._read < os.fstat(self._descriptor).st_size:
            data = os.pread(self._descriptor, _HELD_LETTERS, self._read)
            self._read += len(data)
            self._hold(self._decode(data))


def tell(pipe: Connection, message: Mapping[str, Any]) -> None:
    """Sends one message as JSON, as a kernel does: tuples become lists, dates become text."""
    pipe.send_bytes(json_packer(message))


def serve(pipe: Connection, captured: tuple[int, int], home: Path, memory: int | None) -> NoReturn:
    """Runs in a forked child: executes the cells that come down the pipe, and never returns.

    `captured` are the files that take the place of standard output and error; `home` a folder of this run's own for IPython;
    `memory` the bytes of data that the process may hold, or None. Each order is {"source", "cell_id"}; its messages are those of a
    kernel, the last one {"msg_type": "reply", "content": {"status", "execution_count", "ename", "evalue", "traceback"}}.
    """
    status = 1
    try:
        gc.enable()
        _die_with_parent()
        os.setsid()
        _own_descriptors(captured)
        _limit_memory(memory)
        shell, streams = _shell(pipe, home)
        while True:
            order = pipe.recv()
            tell(pipe, {"msg_type": "reply", "content": _run(shell, streams, order)})
    except EOFError:
        status = 0  # the notebook is through, or nobody is there any more
    finally:
        os._exit(status)  # no exit handler of the parent's may run here


def _die_with_parent() -> None:
    """Asks Linux to kill this process with its parent: a cell that computes sees no closed pipe. Other systems close it later."""
    if sys.platform != "linux":
        return
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _own_descriptors(captured: tuple[int, int]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, place in ((nothing, 0), (captured[0], 1), (captured[1], 2)):
        os.dup2(source, place)
    os.close(nothing)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _limit_memory(memory: int | None) -> None:
    if memory is None:
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _shell(pipe: Connection, home: Path) -> tuple[_Shell, tuple[_Stream, _Stream]]:
    """Returns the shell and what stands for standard output and error."""
    os.environ["IPYTHONDIR"] = str(home)
    os.environ["MPLBACKEND"] = _INLINE
    sys.path[:] = [place for place in sys.path if place]  # no module is taken from where the command happens to run
    session = _PipeSession(key=b"")
    session.pipe = pipe
    config = Config()
    config.HistoryManager.enabled = False
    _Shell.clear_instance()
    shell = _Shell.instance(config=config, compiler_class=_Compiler)
    publishers: tuple[Any, ...] = (shell.displayhook, shell.display_pub)
    for publisher in publishers:
        publisher.session = session
    streams = (_Stream("stdout", 1, session), _Stream("stderr", 2, session))
    sys.stdout, sys.stderr = streams
    builtins.input = _refused
    getpass.getpass = _refused
    return shell, streams


def _refused(*arguments: object, **options: object) -> NoReturn:
    raise StdinNotImplementedError(_NO_INPUT)


def _run(shell: _Shell, streams: tuple[_Stream, _Stream], order: Mapping[str, str]) -> dict[str, Any]:
    try:
        result = shell.run_cell(  # type: ignore[no-untyped-call]
            order["source"], store_history=True, cell_id=order["cell_id"]
        )
        error = result.error_before_exec or result.error_in_exec
        traceback = shell._last_traceback or []
        failed = error is not None or getattr(shell, "_last_traceback_during_displayhook", False)
    except KeyboardInterrupt as interrupt:  # it came between the cell and its bookkeeping
        error, traceback, failed = interrupt, [], True
    for stream in streams:
        stream.flush()
    about: dict[str, Any] = {"status": "error" if failed else "ok", "execution_count": shell.execution_count - 1}
    return about | ({"ename": type(error).__name__, "evalue": str(error), "traceback": traceback} if failed else {})
