"""The entries, the head, and the triggers that keep both from being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_LONG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TEXTS_BEFORE = ("id", "at", "actor", "kind", "review", "subject")
_TEXTS_AFTER = ("content", "digest", "previous", "hash")
_FIXED = (
    "sequence id at actor kind review subject base revision conflict undoes sealed content digest previous hash".split()
)
_REFUSED = "journal entries are never changed or deleted"


def upgrade() -> None:
    """Makes the tables, their indexes and their triggers."""
    op.create_table(
        "journal_entry",
        sa.Column("sequence", _LONG, primary_key=True, autoincrement=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in _TEXTS_BEFORE),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("conflict", sa.SmallInteger, nullable=False),
        sa.Column("undoes", _TEXT, nullable=False),
        sa.Column("sealed", sa.SmallInteger, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in _TEXTS_AFTER),
        sa.Column("body", _TEXT, nullable=True),
        sa.UniqueConstraint("id", name="journal_entry_id"),
    )
    op.create_index("journal_entry_subject", "journal_entry", ["review", "subject", "revision"])
    op.create_index("journal_entry_kind", "journal_entry", ["kind", "sequence"])
    op.create_index("journal_entry_actor", "journal_entry", ["actor", "sequence"])
    op.create_table(
        "journal_head",
        sa.Column("one", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("sequence", _LONG, nullable=False),
        sa.Column("hash", _TEXT, nullable=False),
        sa.CheckConstraint("one = 1", name="journal_head_one"),
    )
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


def _triggers(dialect: str) -> list[str]:
    """Returns the statements that make the triggers; the only change allowed is a purge's: a body emptied that the newest purge names."""
    return _sqlite_triggers() if dialect == "sqlite" else _postgres_triggers()


def _sqlite_triggers() -> list[str]:
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in _FIXED)
    purged = "(SELECT instr(body, OLD.id) FROM journal_entry WHERE kind = 'purged' ORDER BY sequence DESC LIMIT 1) > 0"
    refuse = f"SELECT RAISE(ABORT, '{_REFUSED}')"
    return [
        f"CREATE TRIGGER journal_entry_kept BEFORE DELETE ON journal_entry BEGIN {refuse}; END",
        "CREATE TRIGGER journal_entry_fixed BEFORE UPDATE ON journal_entry"
        f" WHEN NOT ({same} AND NEW.body IS NULL AND OLD.body IS NOT NULL AND coalesce({purged}, 0)) BEGIN {refuse}; END",
        "CREATE TRIGGER journal_entry_follows BEFORE INSERT ON journal_entry"
        " WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM journal_entry)"
        f" BEGIN {refuse}; END",
        f"CREATE TRIGGER journal_head_kept BEFORE DELETE ON journal_head BEGIN {refuse}; END",
        "CREATE TRIGGER journal_head_grows BEFORE UPDATE ON journal_head"
        f" WHEN NEW.one IS NOT OLD.one OR NEW.sequence <= OLD.sequence BEGIN {refuse}; END",
    ]


def _postgres_triggers() -> list[str]:
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in _FIXED)
    purged = "(SELECT strpos(body, OLD.id) FROM journal_entry WHERE kind = 'purged' ORDER BY sequence DESC LIMIT 1) > 0"
    follows = "NEW.sequence = (SELECT coalesce(max(sequence), 0) + 1 FROM journal_entry)"
    refuse = f"RAISE EXCEPTION '{_REFUSED}'"
    keep = (
        "CREATE TRIGGER {0}_kept BEFORE DELETE OR TRUNCATE ON {0} FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"
    )
    each = "FOR EACH ROW EXECUTE FUNCTION"
    return [
        f"CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse}; END $$",
        "CREATE FUNCTION journal_fix() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {same} AND NEW.body IS NULL AND OLD.body IS NOT NULL AND coalesce({purged}, false)"
        f" THEN RETURN NEW; END IF; {refuse}; END $$",
        "CREATE FUNCTION journal_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {follows} THEN RETURN NEW; END IF; {refuse}; END $$",
        "CREATE FUNCTION journal_grow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.one = OLD.one AND NEW.sequence > OLD.sequence THEN RETURN NEW; END IF; {refuse}; END $$",
        keep.format("journal_entry"),
        keep.format("journal_head"),
        f"CREATE TRIGGER journal_entry_fixed BEFORE UPDATE ON journal_entry {each} journal_fix()",
        f"CREATE TRIGGER journal_entry_follows BEFORE INSERT ON journal_entry {each} journal_follow()",
        f"CREATE TRIGGER journal_head_grows BEFORE UPDATE ON journal_head {each} journal_grow()",
    ]
