"""The notebooks in JupyterLab, for a person who wants to see them: copies with the parameters filled in, and Lab over them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sampling.errors import StateError
from sampling.policy import shared_folder
from sampling.scoring.server.launch import HOST
from sampling.scoring.server.pages import SCREENS
from sampling.storage import write_whole

FOLDER = "notebooks"
_EXTENSION = "--ServerApp.jpserver_extensions={'sampling.scoring': True}"


def filled_in(notebook: Path, parameters: Mapping[str, str]) -> bytes:
    """Returns the notebook with these values in its parameters cell."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cell = next(cell for cell in content["cells"] if "parameters" in cell["metadata"].get("tags", []))
    lines = "".join(cell["source"]).splitlines()
    names = [line.partition(" = ")[0] for line in lines]
    filled = [
        f"{name} = {parameters[name]!r}" if name in parameters else line
        for name, line in zip(names, lines, strict=True)
    ]
    cell["source"] = "\n".join(filled).splitlines(keepends=True)
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def open_lab(home: Path, parameters: Mapping[str, str], *, port: int, browser: bool) -> None:
    """Writes the notebooks beside the draws and runs JupyterLab over them until it is stopped. Raises StateError when it fails."""
    folder = home / FOLDER
    for name in SCREENS.values():
        write_whole(folder / name, filled_in(shared_folder("notebooks") / name, parameters))
    words = [f"--ServerApp.root_dir={folder}", f"--ServerApp.ip={HOST}", f"--ServerApp.port={port}", _EXTENSION]
    command = [sys.executable, "-m", "jupyterlab", *words, "--ServerApp.port_retries=0"]
    command += [str(folder / SCREENS["score"])] if browser else ["--no-browser"]
    with subprocess.Popen(command) as process:
        before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            status = _wait(process)
        finally:
            signal.signal(signal.SIGTERM, before)
    if status > 0:
        raise StateError(
            f"JupyterLab ended with status {status}; what it wrote above says why. Port {port} may be taken."
        )


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Waits for JupyterLab to end. Ctrl+C goes to it as well, and it asks whether to stop."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
