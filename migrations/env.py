"""Runs the migrations on the connection that `app.store.migrate` hands over, inside its transaction."""

from alembic import context

from app.store.models import Base

connection = context.config.attributes["connection"]
# transactional_ddl: SQLite too rolls back half a migration, because its transactions are opened explicitly.
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
