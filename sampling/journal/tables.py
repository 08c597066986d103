"""The tables of a journal as SQLAlchemy knows them. The migrations make them (sampling/journal/migrations); a test holds the two together."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, Table, Text

# Text compares byte by byte on every server, whatever the language of its database.
PLAIN = Text().with_variant(Text(collation="C"), "postgresql")
VERSION_TABLE = "journal_version"

metadata = MetaData()
entry = Table(
    "journal_entry",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", PLAIN, nullable=False, unique=True),
    Column("at", PLAIN, nullable=False),
    Column("actor", PLAIN, nullable=False),
    Column("kind", PLAIN, nullable=False),
    Column("review", PLAIN, nullable=False),
    Column("subject", PLAIN, nullable=False),
    Column("base", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("conflict", SmallInteger, nullable=False),
    Column("undoes", PLAIN, nullable=False),
    Column("sealed", SmallInteger, nullable=False),
    Column("content", PLAIN, nullable=False),
    Column("digest", PLAIN, nullable=False),
    Column("previous", PLAIN, nullable=False),
    Column("hash", PLAIN, nullable=False),
    Column("body", PLAIN, nullable=True),  # null once a purge has taken it away
)
head = Table(
    "journal_head",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("hash", PLAIN, nullable=False),
)
