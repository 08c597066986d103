"""The only file that knows which engine runs: DuckDB embedded by default, PostgreSQL where the data is already there.

An adapter's contract is small: make the table `signal`, run a SELECT, return its rows as Arrow. Everything after that, hashing,
tickets and ranks included, runs here in our own process on DuckDB, whose SHA-256 gives the same bytes as hashlib (held to it by
test). Sorting is by bytes throughout.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Extract, ParquetFiles, Table
from sampling.signals import SIGNAL_COLUMNS
from sampling.sources.database import find_faults, find_relations, view_sql
from sampling.sources.tables import TABLES, arrow_schema

MEMORY_LIMIT_VARIABLE = "SAMPLING_MEMORY"
MEMORY_LIMIT = "512MB"  # of DuckDB's own buffers; national size stays under 2 GiB in all (make bench)
CORE_TABLES = ("cases", "allocations", "practitioners", "events", "plans")
_BATCH_ROWS = 50_000


class Adapter(Protocol):
    """What an engine must do for us."""

    def tables(self) -> frozenset[str]:
        """Returns the canonical tables that the source has."""

    def create_signal_table(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Makes the table `signal` (sampling.signals.SIGNAL_COLUMNS) with these rows."""

    def select(self, sql: str) -> pa.Table:
        """Returns the rows of one SELECT."""


@contextmanager
def open_adapter(extract: Extract, tables: Sequence[str] = CORE_TABLES) -> Iterator[Adapter]:
    """Gives the adapter for the extract: its database where it names one, else DuckDB over its tables.

    Of the canonical tables it offers (and checks, in a database) those named; the draw needs no others.
    """
    if extract.connection:
        with _open_postgres(extract.connection, tables) as adapter:
            yield adapter
        return
    with _connect(ordered=False) as connection:
        yield _DuckAdapter(connection, extract, tables)


@contextmanager
def _connect(*, ordered: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Gives a DuckDB of its own: the signals' memory is let go before the hashing begins. `ordered` keeps the order of what is read."""
    with tempfile.TemporaryDirectory(prefix="sampling-") as scratch:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": os.environ.get(MEMORY_LIMIT_VARIABLE, MEMORY_LIMIT),
            "temp_directory": scratch,
            "preserve_insertion_order": ordered,
            "autoinstall_known_extensions": False,  # no network call by itself
            "autoload_known_extensions": False,
        }
        with closing(duckdb.connect(config=config)) as connection:
            yield connection


class _DuckAdapter:
    def __init__(self, connection: duckdb.DuckDBPyConnection, extract: Extract, tables: Sequence[str]) -> None:
        self._connection = connection
        self._present = frozenset(name for name in tables if extract.tables.get(name))
        for name in tables:
            self._create_view(name, extract.tables.get(name, ()))

    def _create_view(self, name: str, parts: Sequence[Table]) -> None:
        selects = []
        for number, part in enumerate(parts or (arrow_schema(name).empty_table(),)):
            if isinstance(part, ParquetFiles):
                present = set(pq.read_schema(part.paths[0]).names)
                files = ", ".join("'" + _plain(path) + "'" for path in part.paths)
                selects.append(f"SELECT {_columns(name, present)} FROM read_parquet([{files}])")
            else:
                self._connection.register(f"{name}_{number}", part)
                selects.append(f"SELECT {_columns(name, set(part.column_names))} FROM {name}_{number}")
        self._connection.execute(f"CREATE TEMP VIEW {name} AS {' UNION ALL '.join(selects)}")

    def tables(self) -> frozenset[str]:
        return self._present

    def create_signal_table(self, rows: Sequence[tuple[Any, ...]]) -> None:
        _create_signal_table(self._connection, rows, "?")

    def select(self, sql: str) -> pa.Table:
        return self._connection.sql(sql).to_arrow_table()


def _plain(path: Path) -> str:
    """Returns a path as a DuckDB text in which no character stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", str(path)).replace("'", "''")


def _columns(name: str, present: set[str]) -> str:
    types = {"date": "DATE", "number": "DOUBLE", "yes/no": "BOOLEAN"}
    return ", ".join(
        column.name if column.name in present else f"CAST(NULL AS {types.get(column.type, 'VARCHAR')}) AS {column.name}"
        for column in TABLES[name].columns
    )


def _create_signal_table(cursor: Any, rows: Sequence[tuple[Any, ...]], mark: str) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in SIGNAL_COLUMNS)
    cursor.execute(f"CREATE TEMPORARY TABLE signal ({columns})")
    if rows:  # in one statement: one a row takes longer than a small draw
        row = f"({', '.join([mark] * len(SIGNAL_COLUMNS))})"
        values = [value for each in rows for value in each]
        cursor.execute(f"INSERT INTO signal VALUES {', '.join([row] * len(rows))}", values)


# What a service's administrator can act on, by class of SQLSTATE. The server's own words may hold a value of the record.
_REFUSALS = {
    "42501": "The database user may not read these tables or make temporary ones. Ask for SELECT and TEMPORARY rights.",
    "25006": "The database is read-only, so that not even a temporary table can be made. Use the main server, not a copy.",
    "57014": "The database stopped the reading because it took too long. Raise statement_timeout for this user.",
}


@contextmanager
def _open_postgres(connection_text: str, tables: Sequence[str]) -> Iterator[Adapter]:
    try:
        import psycopg
    except ImportError:
        words = "Reading from PostgreSQL needs the optional part `postgres`. Run: pip install 'sampling[postgres]'"
        raise SourceError(words) from None
    try:
        connection = psycopg.connect(connection_text, client_encoding="utf8")
    except psycopg.Error:
        # the driver's own message may hold the password
        raise SourceError(
            "The database did not accept the connection. Check host, port, name, user and password of the"
            " connection string."
        ) from None
    with closing(connection):
        # one snapshot for all that is read; closed without a commit, so that our temporary tables and views vanish
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            yield _PostgresAdapter(connection, tables)
        except psycopg.Error as error:
            state = error.sqlstate or "no code"
            words = f"The database broke off the reading (SQLSTATE {state}). Ask its administrator, and run it again."
            raise SourceError(_REFUSALS.get(state, words)) from None


class _PostgresAdapter:
    """The same SELECT on a real server.

    Absent columns and tables become null ones in temporary views, which come before the service's tables in the path.
    """

    _ARROW = {
        20: pa.int64(),
        23: pa.int32(),
    }  # PostgreSQL's own numbers of bigint and integer; all else we select is text

    def __init__(self, connection: Any, tables: Sequence[str]) -> None:
        self._connection = connection
        relations = find_relations(tables, self._rows)
        faults = find_faults(tables, relations, self._rows)
        if faults:
            count = len(faults)
            raise SourceError(
                f"The database has {count} fault{'s' if count > 1 else ''}. docs/schema.md says what each table must hold.",
                faults,
            )
        self._present = frozenset(relations)
        with connection.cursor() as cursor:
            for name in tables:
                cursor.execute(view_sql(name, relations.get(name)))

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            return list(cursor.execute(sql).fetchall())

    def tables(self) -> frozenset[str]:
        return self._present

    def create_signal_table(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            _create_signal_table(cursor, rows, "%s")
            cursor.execute("ANALYZE signal")

    def select(self, sql: str) -> pa.Table:
        with self._connection.cursor(name="frame") as cursor:  # a server-side cursor: the client holds one batch
            cursor.execute(sql)
            schema = pa.schema(
                [(column.name, self._ARROW.get(column.type_code, pa.string())) for column in cursor.description]
            )
            batches = []
            while rows := cursor.fetchmany(_BATCH_ROWS):
                arrays = [
                    pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        return pa.Table.from_batches(batches, schema)


class Hasher:
    """Hashing, tickets and ranks of a whole frame, of any size, in our own process."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def keys(self, kind: str, system: str, local_ids: pa.ChunkedArray, keyring: Keyring) -> pa.Table:
        """Returns local_id, key for the distinct ids given: the same HMAC as Keyring.key makes one by one."""
        outer, inner = keyring.pads()
        return self.query(
            "SELECT local_id, keyed($outer, $inner, $prefix || local_id) AS key"
            " FROM (SELECT DISTINCT local_id FROM ids WHERE local_id IS NOT NULL)",
            {"outer": outer, "inner": inner, "prefix": keyring.prefix(kind, system)},
            ids=pa.table({"local_id": local_ids}),
        )

    def query(self, sql: str, parameters: dict[str, Any] | None = None, /, **tables: pa.Table) -> pa.Table:
        """Returns the rows of a SELECT over the tables given by name. Its macro `keyed(outer, inner, message)` is our HMAC."""
        for name, table in tables.items():
            self._connection.register(name, table)
        try:
            return self._connection.sql(sql, params=parameters or {}).to_arrow_table()
        finally:
            for name in tables:
                self._connection.unregister(name)
            pa.default_memory_pool().release_unused()  # else what one step has let go stands beside what the next needs

    def digest(self, blinded: pa.Table) -> str:
        """Returns the frame digest of blinded rows, as sampling.tickets.frame_digest does."""
        return str(self.query(_DIGEST, blinded=blinded).column("digest")[0].as_py())

    def groups(self, blinded: pa.Table) -> list[tuple[str, str, int]]:
        """Returns (practitioner, stratum, number of rows) of each group, in order."""
        sql = "SELECT practitioner, stratum, COUNT(*) FROM blinded GROUP BY 1, 2 ORDER BY 1, 2"
        found = self.query(sql, blinded=blinded)
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def manifest(self, blinded: pa.Table, seed: str, groups: pa.Table, reserve: int) -> pa.Table:
        """Returns every frame row, in the order given, with its ticket, rank, probability and status.

        `groups` says for each (practitioner, stratum) its `size`, `n` to take, and `pool` (a team's digest, or '') with `pool_n`
        to take from it.
        """
        return self.query(_MANIFEST, {"seed": seed, "reserve": reserve}, blinded=blinded, allocated=groups)

    def write_csv(self, rows: pa.Table, path: Path) -> None:
        """Writes rows of digests and plain words as CSV: comma, LF, header, no quotes needed."""
        self._connection.register("written", rows)
        target = str(path).replace("'", "''")
        try:
            self._connection.execute(f"COPY (SELECT * FROM written) TO '{target}' (FORMAT csv, HEADER, DELIMITER ',')")
        except duckdb.IOException:
            raise OSError(errno.EIO, "a table could not be written") from None
        finally:
            self._connection.unregister("written")

    def read_csv(self, path: Path, columns: dict[str, pa.DataType]) -> pa.Table:
        """Returns a CSV of ours, which never has quotes, as Arrow; `columns` names each with its type."""
        return pa_csv.read_csv(
            path,
            parse_options=pa_csv.ParseOptions(quote_char=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=columns, include_columns=list(columns), strings_can_be_null=False
            ),
        )


@contextmanager
def open_hasher() -> Iterator[Hasher]:
    """Gives a Hasher on a DuckDB of its own."""
    with _connect(ordered=True) as connection:
        connection.execute(_KEYED)
        yield Hasher(connection)


# HMAC-SHA256 (RFC 2104) from the padded key blocks. The blocks come as parameters, so that no SQL text holds the secret.
_KEYED = """
CREATE TEMP MACRO keyed(outer_pad, inner_pad, message) AS
sha256(CAST(outer_pad AS BLOB) || unhex(sha256(CAST(inner_pad AS BLOB) || encode(message))))
"""
# What repeats (strata, weights) is hashed once and joined, not once a row.
_DIGEST = """
WITH kind AS (
  SELECT stratum, weight, sha256(stratum) AS of_stratum, sha256(CAST(weight AS VARCHAR)) AS of_weight
  FROM (SELECT DISTINCT stratum, weight FROM blinded)
),
leaves AS (
  SELECT b.practitioner, k.of_stratum AS stratum,
         sha256('cst1/leaf|' || b.practitioner || k.of_stratum || b."case" || k.of_weight) AS leaf
  FROM blinded AS b JOIN kind AS k ON k.stratum = b.stratum AND k.weight = b.weight
),
grouped AS (
  SELECT sha256('cst1/group|' || practitioner || stratum || CAST(COUNT(*) AS VARCHAR) || '|'
                || string_agg(leaf, '' ORDER BY leaf)) AS digest
  FROM leaves GROUP BY practitioner, stratum
)
SELECT sha256('cst1/frame|' || CAST((SELECT COUNT(*) FROM blinded) AS VARCHAR) || '|'
              || coalesce(string_agg(digest, '' ORDER BY digest), '')) AS digest
FROM grouped
"""

# A row belongs to its practitioner's stratum, or, where its practitioner takes none of that stratum and the stream draws from
# it, to its team's pool. Rank, probability and reserves are counted within that.
_MANIFEST = """
WITH unit AS (
  SELECT practitioner, stratum, size, pool AS stream, CASE WHEN pool = '' THEN n ELSE pool_n END AS n,
         dense_rank() OVER (ORDER BY pool, CASE WHEN pool = '' THEN practitioner END,
                            CASE WHEN pool = '' THEN stratum END) AS unit
  FROM allocated
),
sized AS (
  SELECT *, SUM(size) OVER (PARTITION BY unit) AS total FROM unit
),
ticketed AS (
  SELECT b.*, u.stream, u.unit, u.n, u.total, sha256('cst1/ticket|' || $seed || b."case") AS ticket
  FROM (SELECT *, row_number() OVER () AS place FROM blinded) AS b
  JOIN sized AS u ON u.practitioner = b.practitioner AND u.stratum = b.stratum
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY unit ORDER BY ticket) AS rank FROM ticketed
)
SELECT practitioner, stratum, "case", weight, ticket, CAST(rank AS INTEGER) AS rank,
       CAST(CAST(CASE WHEN n < total THEN n ELSE total END AS BIGINT) AS VARCHAR) || '/'
         || CAST(CAST(total AS BIGINT) AS VARCHAR) AS probability,
       CASE WHEN rank <= n THEN 'selected' WHEN n > 0 AND rank <= n + $reserve THEN 'reserve' ELSE 'not_selected' END
         AS status,
       nullif(stream, '') AS stream  -- null, since an empty text would be written in quotes
FROM ranked ORDER BY place
"""
