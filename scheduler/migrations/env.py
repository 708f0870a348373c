"""What alembic runs: it migrates the connection it is handed (see run.py)."""

from alembic import context

from scheduler.tables import metadata


def _run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=False)
    with context.begin_transaction():
        context.run_migrations()


_run()
