"""The shape of the house, read from the source text: who may import whom, and which room alone may do what.

Each rule is a function from source text to a list of faults, so that it can be tried on a bad sample below: a check that
cannot fail is no check.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "sampling"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)

# A module may import its own tier and those below. Within a tier no circle is allowed either.
TIERS: tuple[tuple[str, ...], ...] = (
    ("", "errors"),
    ("model", "tickets", "chain", "storage", "surroundings"),
    ("keys", "sources"),
    ("policy", "signals", "engine", "disclosure", "suppression"),
    ("frame", "drand", "timestamps", "randomness", "quality"),
    (
        "draw",
        "pack",
        "recompute",
        "recompute_files",
        "recompute_rules",
        "verify",
        "replacement",
        "review",
        "handing_in",
        "commitment",
        "freezing",
        "share",
    ),
    ("rubric", "journal", "evidence", "plots"),
    ("page", "scoring"),
    ("reporting", "calibration", "assurance"),
    ("workflow",),
    ("batch",),
    ("commands",),
    ("cli", "__main__"),
)
# The same inside the largest room.
SCORING_TIERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("settings",),
    ("rules",),
    ("parts",),
    ("record",),
    ("service",),
    ("server", ""),
)
MAXIMUM_MODULE_LINES = 350
MAXIMUM_FUNCTION_LINES = 50
TABLE_LINES = 5  # a constant of so many lines is a table

# The ONLY rooms: package -> the places under sampling/ that may import it.
ROOMS: dict[str, tuple[str, ...]] = {
    "duckdb": ("engine.py",),
    "psycopg": ("engine.py",),
    "pyspark": ("engine.py",),
    "papermill": ("batch/",),
    "nbclient": ("batch/",),
    "nbconvert": ("batch/",),
    "nbformat": ("batch/",),
    "openpyxl": ("sources/",),
    "pandera": ("sources/",),
    "sqlalchemy": ("journal/",),
    "alembic": ("journal/",),
    "anywidget": ("scoring/server/", "calibration/server/"),
    "jupyter_server": ("scoring/server/", "calibration/server/"),
    "tornado": ("scoring/server/", "calibration/server/"),
    "voila": ("scoring/server/",),
    "weasyprint": ("scoring/record/", "batch/"),
    "scipy": ("evidence/", "suppression/"),
    "statsmodels": ("evidence/",),
}
NETWORK = (
    "socket",
    "ssl",
    "urllib.request",
    "urllib3",
    "requests",
    "httpx",
    "aiohttp",
    "http",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc",
)
MAY_PRINT = ("cli.py", "share/")
MAY_READ_THE_CLOCK = (
    "cli.py",
    "scoring/server/clock.py",
)  # a command has one time; a server that runs for days has many
CLOCK = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}
WHOLE_NUMBERS_ONLY = ("tickets.py", "draw.py")
STANDARD_LIBRARY_ONLY = ("tickets.py", "cst1_verify.py")


def place(path: Path) -> str:
    """Returns the module's place under sampling/, as `sources/files.py`."""
    return path.relative_to(PACKAGE).as_posix()


def in_room(where: str, rooms: tuple[str, ...]) -> bool:
    """Tells whether a place is one of the rooms, or in one of the folders (which end in a slash)."""
    return any(where == room or (room.endswith("/") and where.startswith(room)) for room in rooms)


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yields each imported name in full (`a.b` for `from a import b`) with its line, also those made by name at run time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "sampling" if node.level else ""
            stem = ".".join(part for part in (base, node.module or "") if part)
            yield from ((f"{stem}.{alias.name}", node.lineno) for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else node.func.id
                if isinstance(node.func, ast.Name)
                else ""
            )
            if name in ("import_module", "__import__", "find_spec", "importorskip"):
                yield node.args[0].value, node.lineno


def is_or_is_in(name: str, package: str) -> bool:
    """Tells whether an imported name is that package or lies in it."""
    return name == package or name.startswith(package + ".")


def foreign_rooms(tree: ast.AST, where: str) -> list[str]:
    """Returns the imports that belong to another room alone."""
    return [
        f"line {line}: {name} belongs to {' and '.join(rooms)} alone"
        for name, line in imports(tree)
        for package, rooms in ROOMS.items()
        if is_or_is_in(name, package) and not in_room(where, rooms)
    ]


def network_imports(tree: ast.AST, where: str) -> list[str]:
    """Returns the imports that could call out: nothing leaves the machine (docs/intended-use.md)."""
    return [
        f"line {line}: {name} reaches the network"
        for name, line in imports(tree)
        for package in NETWORK
        if is_or_is_in(name, package)
    ]


def prints(tree: ast.AST, where: str) -> list[str]:
    """Returns the calls of print outside the rooms that speak to a person."""
    if in_room(where, MAY_PRINT):
        return []
    return [
        f"line {node.lineno}: print"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def clock_reads(tree: ast.AST, where: str) -> list[str]:
    """Returns the reads of the clock outside its rooms: elsewhere the time is handed in, so that a draw can be repeated."""
    if where in MAY_READ_THE_CLOCK:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = (
                node.value.attr
                if isinstance(node.value, ast.Attribute)
                else node.value.id
                if isinstance(node.value, ast.Name)
                else ""
            )
            if (owner, node.attr) in CLOCK:
                found.append(f"line {node.lineno}: {owner}.{node.attr}")
    return found


def fractions(tree: ast.AST, where: str) -> list[str]:
    """Returns what could be no whole number in the modules that decide who is drawn."""
    if Path(where).name not in WHOLE_NUMBERS_ONLY:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"line {node.lineno}: division with /")
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"line {node.lineno}: the number {node.value}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            found.append(f"line {node.lineno}: float()")
    found += [
        f"line {line}: {name}"
        for name, line in imports(tree)
        if name.split(".")[0] in ("math", "random", "numpy", "decimal", "fractions", "statistics", "secrets")
    ]
    return found


def not_standard_library(tree: ast.AST, where: str) -> list[str]:
    """Returns the imports beyond the standard library, where a stranger must be able to run the file alone."""
    if Path(where).name not in STANDARD_LIBRARY_ONLY:
        return []
    return [f"line {line}: {name}" for name, line in imports(tree) if name.split(".")[0] not in sys.stdlib_module_names]


def long_functions(tree: ast.AST, where: str) -> list[str]:
    """Returns the functions that should be split."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = ((node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions)
    return [
        f"{name} has {lines} lines, {MAXIMUM_FUNCTION_LINES} is the most"
        for name, lines in lengths
        if lines > MAXIMUM_FUNCTION_LINES
    ]


def lines_of_code(text: str) -> int:
    """Returns a module's lines, less those of its tables: long constants at its top level, such as code lists, are data."""
    tables = (node for node in ast.parse(text).body if isinstance(node, ast.Assign | ast.AnnAssign))
    lengths = ((node.end_lineno or node.lineno) - node.lineno + 1 for node in tables)
    return len(text.splitlines()) - sum(length for length in lengths if length >= TABLE_LINES)


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yields the public functions of a module and the public methods of its public classes."""
    bodies: list[list[ast.stmt]] = [
        tree.body,
        *(node.body for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")),
    ]
    for body in bodies:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                yield node


def undocumented(tree: ast.Module, where: str) -> list[str]:
    """Returns the module, public classes and public functions without a docstring, and the parameters without a type."""
    if in_room(where, ("share/",)):
        return []  # the stranger's verifier is short on purpose and read as a whole
    found = [] if ast.get_docstring(tree) or not tree.body else ["the module has no docstring"]
    found += [
        f"class {node.name} has no docstring"
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    for function in public_functions(tree):
        arguments = [
            *function.args.posonlyargs,
            *function.args.args,
            *function.args.kwonlyargs,
            *filter(None, (function.args.vararg, function.args.kwarg)),
        ]
        found += [] if ast.get_docstring(function) else [f"{function.name} has no docstring"]
        found += [
            f"{function.name}: {argument.arg} has no type"
            for argument in arguments
            if argument.annotation is None and argument.arg not in ("self", "cls")
        ]
        found += [] if function.returns is not None else [f"{function.name} has no return type"]
    return found


CHECKS: tuple[Callable[[ast.Module, str], list[str]], ...] = (
    foreign_rooms,
    network_imports,
    prints,
    clock_reads,
    fractions,
    not_standard_library,
    long_functions,
    undocumented,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", MODULES, ids=place)
def test_each_module_keeps_the_rule(path: Path, check: Callable[[ast.Module, str], list[str]]) -> None:
    assert check(ast.parse(path.read_text(encoding="utf-8")), place(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_no_module_is_too_long(path: Path) -> None:
    lines = lines_of_code(path.read_text(encoding="utf-8"))
    assert lines <= MAXIMUM_MODULE_LINES, f"{place(path)} has {lines} lines; split it"


# The import direction.


def room_of(module: str) -> str:
    """Returns the room of a module's full name: `sampling.sources.files` is in `sources`."""
    return module.split(".")[1] if "." in module else ""


def tier_of(module: str) -> int:
    """Returns the tier of a module. Raises LookupError when its room has none."""
    for tier, rooms in enumerate(TIERS):
        if room_of(module) in rooms:
            return tier
    raise LookupError(
        f"{module}: no tier names the room {room_of(module)!r}. Give it one in TIERS, tests/test_architecture.py"
    )


def module_name(path: Path) -> str:
    """Returns the full name of a module from its path."""
    parts = ("sampling", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def resolve(name: str, modules: set[str]) -> str:
    """Returns the longest module that an imported name lies in, or nothing when it is not ours."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def edges(sources: dict[str, str]) -> list[tuple[str, str]]:
    """Returns (importer, imported) for the modules given as full name -> source text."""
    modules = set(sources)
    pairs = {
        (module, resolve(name, modules)) for module, text in sources.items() for name, _ in imports(ast.parse(text))
    }
    return sorted((importer, imported) for importer, imported in pairs if imported and imported != importer)


def upward(pairs: list[tuple[str, str]]) -> list[str]:
    """Returns the imports that go against the direction."""
    return [
        f"{importer} may not import {imported}" for importer, imported in pairs if tier_of(importer) < tier_of(imported)
    ]


def circle(pairs: list[tuple[str, str]]) -> list[str]:
    """Returns the modules that are left when every module without imports has been taken away: those on a circle, or above one."""
    left = list(pairs)
    while True:
        importers = {importer for importer, _ in left}
        kept = [(importer, imported) for importer, imported in left if imported in importers]
        if len(kept) == len(left):
            return sorted({importer for importer, _ in left})
        left = kept


def our_sources() -> dict[str, str]:
    """Returns the source text of each of our modules by its full name."""
    return {module_name(path): path.read_text(encoding="utf-8") for path in MODULES}


def test_imports_go_one_way() -> None:
    assert upward(edges(our_sources())) == []


def scoring_tier(module: str) -> int:
    """Returns the tier of a module of the scoring room. Raises LookupError when its sub-room has none."""
    part = module.split(".")[2] if module.count(".") > 1 else ""
    for tier, parts in enumerate(SCORING_TIERS):
        if part in parts:
            return tier
    raise LookupError(f"{module}: no tier names {part!r}. Give it one in SCORING_TIERS, tests/test_architecture.py")


def test_imports_inside_scoring_go_one_way() -> None:
    inside = [pair for pair in edges(our_sources()) if room_of(pair[0]) == room_of(pair[1]) == "scoring"]
    assert len(inside) > 100
    assert [pair for pair in inside if scoring_tier(pair[0]) < scoring_tier(pair[1])] == []


def test_imports_make_no_circle() -> None:
    assert circle(edges(our_sources())) == []


def test_each_room_has_a_tier() -> None:
    for module in our_sources():
        tier_of(module)


# The checks themselves, on bad samples.

BAD_SAMPLES: tuple[tuple[Callable[[ast.Module, str], list[str]], str, str, int], ...] = (
    (foreign_rooms, "frame.py", "import duckdb", 1),
    (foreign_rooms, "frame.py", "def f():\n    from duckdb import connect", 1),
    (foreign_rooms, "cli.py", "import importlib\nimportlib.import_module('papermill.execute')", 1),
    (foreign_rooms, "engine.py", "import duckdb, psycopg\nimport openpyxl", 1),
    (network_imports, "randomness.py", "from urllib.request import urlopen", 1),
    (network_imports, "randomness.py", "import urllib.request, http.client, socket", 3),
    (prints, "workflow.py", "print('x')", 1),
    (clock_reads, "draw.py", "import datetime\nx = datetime.datetime.now(datetime.UTC)", 1),
    (clock_reads, "draw.py", "from datetime import date\nx = date.today()", 1),
    (clock_reads, "draw.py", "import time\nx = time.time()", 1),
    (fractions, "draw.py", "x = 1 / 2", 1),
    (fractions, "tickets.py", "x = 1\nx /= 2\ny = 0.5", 2),
    (fractions, "draw.py", "import random", 1),
    (not_standard_library, "tickets.py", "import pandas", 1),
    (not_standard_library, "share/cst1_verify.py", "from sampling import tickets", 1),
    (long_functions, "draw.py", "def f():\n" + "    x = 1\n" * 50, 1),
    (undocumented, "draw.py", "x = 1", 1),
    (undocumented, "draw.py", '"""M."""\ndef f(a):\n    return a', 3),
    (
        undocumented,
        "draw.py",
        '"""M."""\nclass C:\n    """C."""\n    def f(self, a: int) -> None:\n        pass',
        1,
    ),
)


@pytest.mark.parametrize(("check", "where", "text", "faults"), BAD_SAMPLES)
def test_each_check_finds_its_fault(
    check: Callable[[ast.Module, str], list[str]], where: str, text: str, faults: int
) -> None:
    assert len(check(ast.parse(text), where)) == faults


@pytest.mark.parametrize(
    ("check", "where", "text"),
    [
        (foreign_rooms, "engine.py", "import duckdb"),
        (foreign_rooms, "batch/run.py", "import papermill"),
        (network_imports, "sources/files.py", "from urllib.parse import quote"),
        (prints, "share/cst1_verify.py", "print('x')"),
        (clock_reads, "cli.py", "from datetime import datetime\nx = datetime.now()"),
        (clock_reads, "draw.py", "import time\nx = time.monotonic()"),
        (fractions, "draw.py", "x = 7 // 2"),
        (fractions, "quality.py", "x = 7 / 2"),
        (undocumented, "draw.py", '"""M."""\ndef _f(a):\n    return a'),
    ],
)
def test_no_check_cries_wolf(check: Callable[[ast.Module, str], list[str]], where: str, text: str) -> None:
    assert check(ast.parse(text), where) == []


def test_tables_are_not_counted_as_code() -> None:
    table = "CODES = {\n" + '    "a": 1,\n' * 20 + "}\n"
    assert lines_of_code(table + "x = 1\ny = 2\n") == 2
    assert lines_of_code("def f():\n" + "    x = 1\n" * 20) == 21


def test_the_direction_check_finds_an_upward_import_and_a_circle() -> None:
    bad = {
        "sampling.draw": "from sampling import workflow",
        "sampling.workflow": "from sampling.draw import take",
        "sampling.cli": "from sampling.workflow import month",
        "sampling.errors": "",
    }
    assert upward(edges(bad)) == ["sampling.draw may not import sampling.workflow"]
    assert circle(edges(bad)) == ["sampling.cli", "sampling.draw", "sampling.workflow"]
    assert circle(edges({"sampling.draw": "import sampling.errors", "sampling.errors": ""})) == []


def test_a_room_without_a_tier_is_refused() -> None:
    with pytest.raises(LookupError, match="Give it one in TIERS"):
        tier_of("sampling.surprise")
