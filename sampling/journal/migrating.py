"""Brings the tables of a journal to the newest form, and refuses what is no journal or was made by a newer program."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from sampling.errors import StateError
from sampling.journal.tables import VERSION_TABLE, entry

NEWEST = "0001"  # of migrations/versions; known here so that a journal in step is opened without loading Alembic
MIGRATIONS = Path(__file__).with_name("migrations")


def version_of(connection: Connection) -> str | None:
    """Returns the version of the journal that the database holds, or None where it holds none. Raises StateError when it holds something else."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if entry.name in tables or (connection.dialect.name == "sqlite" and tables):
            raise StateError("This database holds other tables and no journal. Name another place for the journal.")
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
    return str(found[0]) if found else None


def migrate(connection: Connection, version: str | None, *, to: str = "head") -> None:
    """Runs the steps that are missing, inside the transaction of the connection. Raises StateError for a journal of a newer program."""
    if version == NEWEST:
        return
    from alembic.command import upgrade
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StateError(
            f"This journal was made by a newer version of the program (its format is {version}, this program knows up to"
            f" {NEWEST}). Install the newer version; nothing was changed."
        )
    config.attributes["connection"] = connection
    upgrade(config, to)
