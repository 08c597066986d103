"""What Alembic runs: every step that is missing, inside the transaction that the caller has begun."""

from __future__ import annotations

from alembic import context

from sampling.journal.tables import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
