"""Triggers that keep a table append-only, for migrations."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect


def protect(*tables: str) -> None:
    """Refuse every change, deletion and emptying of `tables`. `refuse_change()` of PostgreSQL is
    made by the first revision."""
    for table in tables:
        if op.get_bind().dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def only_erase(table: str, subject: str, column: str) -> None:
    """From now on, an append-only `table` lets `column` alone be emptied, in rows whose `subject`
    has a line in `erasures`. Everything else stays refused."""
    empty = f"CAST(NEW.{column} AS TEXT) IN ('', '{{}}')"
    told = f"EXISTS (SELECT 1 FROM erasures WHERE subject = OLD.{subject})"
    _allow(table, (column,), f"{empty} AND {told}")


def re_mark(table: str) -> None:
    """From now on, the fingerprints of `table` may be made again under a newer secret, or emptied
    at the end of their retention. Everything else stays refused."""
    newer = "(NEW.mark_generation = OLD.mark_generation + 1 OR NEW.nir_mark = '')"
    _allow(table, ("nir_mark", "mark_generation"), newer)


def _allow(table: str, columns: tuple[str, ...], condition: str) -> None:
    bind = op.get_bind()
    others = [c["name"] for c in inspect(bind).get_columns(table) if c["name"] not in columns]
    if bind.dialect.name == "sqlite":
        same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in others)
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"WHEN NOT ({same} AND {condition}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    told = 'NEW."{0}"::text IS NOT DISTINCT FROM OLD."{0}"::text'
    same = " AND ".join(told.format(name) for name in others)
    op.execute(
        f"CREATE FUNCTION {table}_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {same} AND {condition} THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_change()"
    )
