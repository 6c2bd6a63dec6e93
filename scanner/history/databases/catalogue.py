"""What stands in a history's schema on PostgreSQL, by the server's own catalogue, held against what belongs there.

Who owns a schema, or may create in it, decides what runs with the rights of those who use it: triggers, functions,
operators, defaults of columns, rules, policies. So the schema has to be this role's, or a superuser's, who can do
everything in any case; no one else may create in it, and nothing is in it but tables, indexes and triggers as `make`
makes them.

Source: PostgreSQL's documentation, "System Catalogs", "Privileges" and "Schemas" (usage patterns).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scanner.history.databases.interface import Database, DatabaseLayout, Unlike

APPEND_ONLY: Final = " BEGIN RAISE EXCEPTION 'a history is append-only'; END "

_TYPES: Final = {"INTEGER": "integer", "{binary}": "bytea", "{text}": "text"}
_COLUMN: Final = re.compile(r"([a-z_]+) (INTEGER|\{binary\}|\{text\})( NOT NULL| PRIMARY KEY)?")
_STATEMENT_BEFORE_CHANGE: Final = 2 | 8 | 16 | 32  # pg_trigger.tgtype: BEFORE, DELETE, UPDATE, TRUNCATE; not for rows
_OF: Final = "n.nspname = ?"


def stranger(database: Database, schema: str) -> str | None:
    """Why the schema is not this role's own; None where it is, or is not there."""
    row = database.one(
        f"SELECT {_trusted('n.nspowner')}, EXISTS (SELECT FROM aclexplode(nspacl) AS granted"
        " WHERE granted.privilege_type = 'CREATE' AND granted.grantee <> nspowner)"
        " FROM pg_namespace AS n WHERE " + _OF,
        schema,
    )
    if row is None or row == (True, False):
        return None
    if not row[0]:
        return f"the schema {schema} is another role's, which decides what runs in it; expected one of this role's own"
    return f"others may create in the schema {schema}; take it from them with REVOKE CREATE"


def unlike(database: Database, schema: str, layout: DatabaseLayout) -> Unlike:
    """How the schema differs from the layout."""
    guards = _guards(database, schema)
    expected = {f"{table}_no_change" for table in layout.guarded}
    strange = [
        *_relations(database, schema, layout),
        *_columns(database, schema, layout),
        *_programs(database, schema),
        *(f"the trigger {name!a} is none of its own, or not as it was made" for name in sorted(guards - expected)),
    ]
    return Unlike(tuple(strange), tuple(sorted(expected - guards)))


def _trusted(owner: str) -> str:
    """That an owner, by the name of the column, is this role, or a superuser."""
    return f"EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = {owner} AND (r.rolname = current_user OR r.rolsuper))"


def _relations(database: Database, schema: str, layout: DatabaseLayout) -> Iterator[str]:
    kinds = dict.fromkeys(layout.tables, "r") | dict.fromkeys(layout.indexes, "i")
    found = database.rows(
        f"SELECT c.relname::text, c.relkind::text, {_trusted('c.relowner')}, c.relrowsecurity,"
        " c.relhasrules, c.relhassubclass OR c.relispartition, c.relpersistence::text, COALESCE(i.indisprimary OR"
        " i.indisunique, false), i.indexprs IS NOT NULL OR i.indpred IS NOT NULL"
        " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace LEFT JOIN pg_index AS i"
        " ON i.indexrelid = c.oid WHERE " + _OF + " AND c.relkind <> 't' ORDER BY 1",
        schema,
    )
    there = set()
    for name, kind, own, *odd, persistence, constraint, expression in found:
        there.add(name)
        if kind == "i" and constraint and own and not expression:
            continue  # what a primary key or a unique column rests on
        if kinds.get(name) != kind:
            yield f"{name!a} is none of its own"
        elif not own or any(odd) or persistence != "p" or expression:
            yield f"{name!a} is not as it was made, or is another role's"
    for name in sorted(kinds.keys() - there):
        yield f"{name} is missing"


def _columns(database: Database, schema: str, layout: DatabaseLayout) -> Iterator[str]:
    expected = {
        (table, name): (_TYPES[kind], bool(rest))
        for table, columns in layout.tables.items()
        for name, kind, rest in _COLUMN.findall(columns)
    }
    keyed = {(table, name) for table, columns in layout.tables.items() for name in _keyed(columns)}
    found = database.rows(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " a.atthasdef OR a.attgenerated <> '' OR a.attidentity <> '', a.attisdropped,"
        " a.attcollation IN (0, (SELECT oid FROM pg_collation WHERE collname = 'C' AND collnamespace ="
        " 'pg_catalog'::regnamespace LIMIT 1))"
        " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n"
        " ON n.oid = c.relnamespace WHERE " + _OF + " AND c.relkind = 'r' AND a.attnum > 0 ORDER BY 1, a.attnum",
        schema,
    )
    there = set()
    for table, name, kind, always, computed, dropped, plain in found:
        there.add((table, name))
        wanted = expected.get((table, name))
        if wanted is None or (kind, always) != (wanted[0], wanted[1] or (table, name) in keyed):
            yield f"the column {name!a} of {table!a} is none of its own, or not as it was made"
        elif computed or dropped or not plain:
            yield f"the column {name!a} of {table!a} is not as it was made"
    for table, name in sorted(expected.keys() - there):
        yield f"the column {name} of {table} is missing"


def _keyed(columns: str) -> list[str]:
    """The columns of a primary key of several, which are never null."""
    match = re.search(r"PRIMARY KEY \(([a-z_, ]+)\)", columns)
    return [] if match is None else match[1].split(", ")


def _programs(database: Database, schema: str) -> Iterator[str]:
    """What is run for others: functions, operators, types, policies, checks."""
    for (name,) in database.rows(
        "SELECT p.proname::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        " JOIN pg_language AS l ON l.oid = p.prolang WHERE " + _OF + " AND NOT (p.proname = 'append_only'"
        " AND p.pronargs = 0 AND l.lanname = 'plpgsql' AND p.prosrc = ? AND NOT p.prosecdef AND p.proconfig IS NULL"
        f" AND {_trusted('p.proowner')})",
        *(schema, APPEND_ONLY),
    ):
        yield f"the function {name!a} is none of its own, or not as it was made"
    for kind, statement in {
        "operator": "SELECT o.oprname::text FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace"
        " WHERE " + _OF,
        "type": "SELECT t.typname::text FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace WHERE "
        + _OF
        + " AND NOT (t.typtype = 'c' AND t.typrelid <> 0) AND NOT (t.typelem <> 0 AND t.typcategory = 'A')",
        "check": "SELECT k.conname::text FROM pg_constraint AS k JOIN pg_namespace AS n ON n.oid = k.connamespace"
        " WHERE " + _OF + " AND k.contype NOT IN ('p', 'u', 'f', 'n')",
        "policy": "SELECT p.polname::text FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE " + _OF,
        "rule": "SELECT r.rulename::text FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE " + _OF,
    }.items():
        for (name,) in database.rows(statement, schema):
            yield f"the {kind} {name!a} is none of its own"


def _guards(database: Database, schema: str) -> set[str]:
    """The triggers that do what ours do, by name; of any others their names with a mark that none of ours has."""
    return {
        name if sound else f"{name} of {table}"
        for name, table, sound in database.rows(
            "SELECT t.tgname::text, c.relname::text, t.tgname = c.relname || '_no_change' AND t.tgtype = ?"
            " AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgnargs = 0 AND p.proname = 'append_only'"
            " AND p.pronamespace = c.relnamespace FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
            " JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_proc AS p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND " + _OF,
            *(_STATEMENT_BEFORE_CHANGE, schema),
        )
    }
