"""The tables: every step is shipped, an older journal is brought up to date when it is opened, a newer one is refused."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from sampling.errors import StateError
from sampling.journal.database import Database, open_database
from sampling.journal.migrating import MIGRATIONS, NEWEST, migrate, version_of
from sampling.journal.store import Journal
from sampling.journal.tables import VERSION_TABLE, metadata
from tests.journals import NOW, by_hand, opened, place, rated, server  # noqa: F401


def steps() -> list[str]:
    """Returns every version there ever was, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def empty(where: str) -> Database:
    """Returns a place without a journal."""
    return open_database(where, create=True)


def test_the_newest_step_is_the_one_that_the_program_knows() -> None:
    assert steps()[-1] == NEWEST and steps()[0] == "0001"


def test_all_steps_from_the_first_make_the_tables_that_the_program_knows(place: str) -> None:  # noqa: F811
    with closing(empty(place)) as database:
        for version in steps():
            with database.writing() as connection:
                migrate(connection, version_of(connection), to=version)
        with database.reading() as connection:
            assert version_of(connection) == NEWEST
            assert differences(connection) == []


def differences(connection: Connection) -> list[Any]:
    """Returns where the tables in the database are others than sampling.journal.tables says, by Alembic's own comparison."""
    from alembic.autogenerate import compare_metadata

    options = {"version_table": VERSION_TABLE, "include_object": _is_table_or_column, "compare_type": True}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    inspector = inspect(connection)
    for table in metadata.sorted_tables:
        nullable = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        found += [(table.name, column.name) for column in table.columns if nullable[column.name] != column.nullable]
    return list(found)


def _is_table_or_column(item: object, name: str | None, kind: str, *_: object) -> bool:
    return kind in ("table", "column") and name != VERSION_TABLE


def test_a_journal_of_the_first_version_is_brought_up_to_date(place: str) -> None:  # noqa: F811
    """There is one version so far: the test takes each later step over a journal with entries in it."""
    with opened(place) as fresh:
        fresh.append([rated(2)], now=NOW)
        head = fresh.head()
    with closing(Journal.open(place)) as again:
        assert again.head() == head and again.verify().ok
    assert by_hand(place, f"SELECT version_num FROM {VERSION_TABLE}", triggers=True) == [(NEWEST,)]


def test_a_journal_of_a_newer_program_is_refused_and_left_alone(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fresh.append([rated(2)], now=NOW)
    by_hand(place, f"UPDATE {VERSION_TABLE} SET version_num = '9000'", triggers=True)
    words = rf"made by a newer version of the program \(its format is 9000, this program knows up to {NEWEST}\)"
    with pytest.raises(StateError, match=words):
        Journal.open(place, create_at=NOW)
    assert by_hand(place, "SELECT count(*) FROM journal_entry", triggers=True) == [(2,)]
    assert by_hand(place, f"SELECT version_num FROM {VERSION_TABLE}", triggers=True) == [("9000",)]


def test_a_migration_that_fails_leaves_nothing(place: str) -> None:  # noqa: F811
    class StoppedError(Exception):
        pass

    with closing(empty(place)) as database:
        with pytest.raises(StoppedError):
            with database.writing() as connection:
                migrate(connection, None)
                raise StoppedError
        with database.reading() as connection:
            assert version_of(connection) is None and inspect(connection).get_table_names() == []
    with opened(place) as fresh:
        assert fresh.verify().ok


def test_a_journal_in_step_is_opened_without_loading_alembic(tmp_path: Path) -> None:
    import subprocess
    import sys

    with opened(tmp_path / "journal.sqlite"):
        pass
    program = (
        "import sys; from sampling.journal.store import Journal; from datetime import datetime, UTC;"
        f" Journal.open({str(tmp_path / 'journal.sqlite')!r}).close();"
        " print(sorted({'alembic', 'pandas', 'psycopg'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]", "what a save does not need is not loaded for it"


def test_the_migrations_are_shipped() -> None:
    assert (MIGRATIONS / "env.py").is_file() and list((MIGRATIONS / "versions").glob("r*.py"))
