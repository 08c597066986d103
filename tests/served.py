"""`sampling score` with what it has no option for, since only tests and measurements need it: other rubrics, kernels that end sooner,
a clock that stands still, a disk that is full, and a page without Voilà's shell for a browser that asks for it.

python tests/served.py [--rubrics FOLDER] [--cull SECONDS] [--at TIME] [--full FILE] [--bare HEADER] score DIR …
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from sampling import cli
from sampling.scoring.parts import ground
from sampling.scoring.server import clock, launch
from sampling.scoring.server.pages import ScreenHandler

BARE_PAGE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Scoring</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>body {{ margin: 0 }}</style></head>
<body class="jp-Notebook theme-light" data-voila="voila" data-base-url="{base}voila/"><main></main>
<script type="application/json" id="jupyter-config-data">{{"baseUrl": "{base}"}}</script>
<script type="module">
  import form from "{base}sampling/static/loader.js";
  const traits = {{ seat: "", screen: "queue", purpose: "supervision" }};
  form.render({{ model: {{ get: (name) => traits[name] }}, el: document.querySelector("main") }});
</script></body></html>
"""


def main() -> int:
    """Sets what is asked for, then runs the command as it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rubrics", type=Path)
    parser.add_argument("--cull", type=int)
    parser.add_argument("--at", type=datetime.fromisoformat)
    parser.add_argument("--full", type=Path, help="while this file is there, SQLite gets no more room")
    parser.add_argument("--bare", help="a browser that sends this header gets our form without Voilà's shell around it")
    options, words = parser.parse_known_args()
    if options.cull:
        launch.CULL_SECONDS, launch.CULL_EVERY_SECONDS = options.cull, 1
    if options.at:
        clock.now = lambda: options.at
    if options.full:
        event.listen(Engine, "begin", lambda connection: connection.exec_driver_sql(_room(options.full)))
    if options.bare:
        bare_page_for(options.bare)
    if options.rubrics:
        folder = options.rubrics.absolute()
        ground.shared_folder = lambda _: folder
    return cli.main(words)


def bare_page_for(header: str) -> None:
    """Answers whoever sends the header with our form alone, under the same address, sign-in, cookies and policy as Voilà's page.

    What is Voilà's is left out: its shell, 90 scripts, and a kernel, which take two seconds of each opening and have tests of their own.
    What is ours is real: the loader and form from this server, which decides, stores and answers as ever.
    """
    whole = ScreenHandler.get

    async def get(handler: ScreenHandler) -> None:
        if header not in handler.request.headers:
            return await whole(handler)
        assert handler.xsrf_token  # sets the cookie, as the whole page does
        handler.set_header("Content-Type", "text/html; charset=utf-8")
        handler.finish(BARE_PAGE.format(base=handler.base_url))
        return None

    ScreenHandler.get = get  # type: ignore[method-assign]


def _room(full: Path) -> str:
    """Returns what gives SQLite no page more than it has (sqlite.org/pragma.html#pragma_max_page_count), or as many as it likes."""
    return f"PRAGMA max_page_count={1 if full.exists() else 2**31 - 2}"


if __name__ == "__main__":
    sys.exit(main())
