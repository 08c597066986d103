"""Parquet tables read where they lie, a few row groups at a time, so that memory does not grow with them."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_CHUNK_ROWS = 2_000_000  # rows of one column in memory at a time, for each thread
_ORPHAN_ROWS = 5_000_000  # rows in which unknown ids are looked for; a larger table is looked at in part
_WORKERS = min(4, os.cpu_count() or 1)


def columns_of(paths: tuple[Path, ...]) -> set[str]:
    """Returns the columns that every part has."""
    return set.intersection(*(set(pq.read_schema(path).names) for path in paths)) if paths else set()


def row_count(paths: tuple[Path, ...]) -> int:
    """Returns the rows of all parts, from their metadata."""
    return sum(pq.read_metadata(path).num_rows for path in paths)


def read_column(paths: tuple[Path, ...], column: str) -> pa.ChunkedArray:
    """Returns one text column of all parts, whole: for tables with a row a case or a practitioner."""
    arrays = [chunk.cast(pa.string()) for part in chunks(paths, [column]) for chunk in part[column].chunks]
    return pa.chunked_array(arrays, pa.string())


def count_nulls(paths: tuple[Path, ...], columns: set[str]) -> dict[str, int]:
    """Returns the empty cells of each column: from the row groups' statistics, else by reading the column."""
    nulls = dict.fromkeys(columns, 0)
    unknown: set[str] = set()
    for path in paths:
        metadata = pq.read_metadata(path)
        for group in range(metadata.num_row_groups):
            for place in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(place)
                if chunk.path_in_schema not in nulls:
                    continue
                if chunk.is_stats_set and chunk.statistics.has_null_count:
                    nulls[chunk.path_in_schema] += chunk.statistics.null_count
                else:
                    unknown.add(chunk.path_in_schema)
    for column in unknown:
        nulls[column] = sum(part[column].null_count for part in chunks(paths, [column]))
    return nulls


def chunks(paths: tuple[Path, ...], columns: list[str], dictionary: tuple[str, ...] = ()) -> Iterator[pa.Table]:
    """Yields the columns a few row groups at a time, read and counted by as many threads as help."""

    jobs = list(_jobs(paths))
    with ThreadPoolExecutor(_WORKERS) as pool:
        for start in range(0, len(jobs), _WORKERS):
            group = jobs[start : start + _WORKERS]
            yield from pool.map(lambda job: _read_groups(job, columns, dictionary), group)


def _read_groups(job: tuple[Path, list[int]], columns: list[str], dictionary: tuple[str, ...] = ()) -> pa.Table:
    with pq.ParquetFile(job[0], read_dictionary=list(dictionary)) as file:
        return file.read_row_groups(job[1], columns=columns, use_threads=False)


def _jobs(paths: tuple[Path, ...]) -> Iterator[tuple[Path, list[int]]]:
    for path in paths:
        metadata = pq.read_metadata(path)
        groups: list[int] = []
        rows = 0
        for group in range(metadata.num_row_groups):
            groups.append(group)
            rows += metadata.row_group(group).num_rows
            if rows >= _CHUNK_ROWS:
                yield path, groups
                groups, rows = [], 0
        if groups:
            yield path, groups


def day_counts(paths: tuple[Path, ...], column: str) -> Counter[date]:
    """Returns the number of rows of each day of a date column."""
    jobs = list(_jobs(paths))

    def count(job: tuple[Path, list[int]]) -> Counter[date]:
        return days_of(_read_groups(job, [column])[column])

    total: Counter[date] = Counter()
    with ThreadPoolExecutor(_WORKERS) as pool:
        for counted in pool.map(count, jobs):
            total.update(counted)
    return total


def days_of(values: pa.ChunkedArray) -> Counter[date]:
    """Returns the number of rows of each day among the values."""
    pairs = pc.value_counts(values.drop_null())
    return Counter(dict(zip(pairs.field("values").to_pylist(), pairs.field("counts").to_pylist(), strict=True)))


def count_orphans(paths: tuple[Path, ...], column: str, known: pa.Array) -> tuple[int, int]:
    """Returns (rows that name an id not among `known`, rows looked at).

    Of a table with more than five million rows, whole row groups spread evenly over it are looked at:
    enough to see that two tables do not use the same ids, and the rows themselves are never used by the
    draw.
    """
    jobs = list(_jobs(paths))
    every = max(1, math.ceil(row_count(paths) / _ORPHAN_ROWS))

    def orphans(job: tuple[Path, list[int]]) -> tuple[int, int]:
        values = _read_groups(job, [column])[column]
        if pa.types.is_dictionary(values.type):
            values = values.cast(pa.string())
        found = pc.sum(pc.is_in(values, value_set=known.cast(values.type))).as_py() or 0
        return len(values) - values.null_count - found, len(values)

    with ThreadPoolExecutor(_WORKERS) as pool:
        counts = list(pool.map(orphans, jobs[::every]))
    return sum(strange for strange, _ in counts), sum(rows for _, rows in counts)
