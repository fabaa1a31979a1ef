"""Passages in PostgreSQL with pgvector: full-text search and nearest vectors, both with the rights in SQL.

PostgreSQL ranks words by `ts_rank_cd`, which is no BM25: it knows nothing of how rare a word is.
pgvector's HNSW index takes vectors of up to 2,000 numbers (its documentation); longer ones are compared one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .metrics import words
from .passages import Hit, Vector
from .records import Document
from .setup import SetupError

LANGUAGES = {"de": "german", "en": "english"}  # text search configurations that come with PostgreSQL
HNSW_LIMIT = 2000  # numbers in a vector
TABLE = """
create table if not exists lotse_passage (
  document text not null, place integer not null, title text not null, text text not null, readers text[] not null,
  words tsvector generated always as (to_tsvector('{language}', title || ' ' || text)) stored,
  primary key (document, place));
create index if not exists lotse_passage_words on lotse_passage using gin (words);
"""
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('lotse_passage'))"  # several services may start on one database
HNSW = "create index if not exists lotse_passage_vector on lotse_passage using hnsw (vector vector_cosine_ops)"
READABLE = "(readers = '{}' or readers && %(groups)s::text[])"
HIT = "document, title, text, place"


class PostgresStore:
    """Passages in one table of the user's database."""

    def __init__(self, address: str, language: str) -> None:
        """Raises SetupError when the database cannot be reached or lacks the extension."""
        self.address, self.language = address, LANGUAGES[language]
        self.connection = self._connect()
        self.size = self._size()

    def replace(self, document: Document, passages: list[str], vectors: list[Vector] | None) -> None:
        """See Store. Raises SetupError when earlier passages have vectors of another length."""
        if vectors:
            self._prepare(len(vectors[0]))
            self._check(len(vectors[0]))
        readers = sorted(set(document.allowed))
        rows = [(document.id, place, document.title, text, readers) for place, text in enumerate(passages)]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
            cursor.execute("delete from lotse_passage where document = %s", (document.id,))
            cursor.executemany(
                "insert into lotse_passage (document, place, title, text, readers) values (%s, %s, %s, %s, %s)", rows
            )
            cursor.executemany(
                "update lotse_passage set vector = %s::vector where document = %s and place = %s",
                [(str(vector), document.id, place) for place, vector in enumerate(vectors or [])],
            )

    def delete(self, document: str) -> None:
        """See Store."""
        self._rows("delete from lotse_passage where document = %(document)s returning 1", {"document": document})

    def by_words(self, question: str, groups: Sequence[str], top: int) -> list[Hit]:
        """See Store."""
        query = " | ".join(f"'{word}'" for word in words(question))  # words hold no quotes
        return self._hits(
            f"select {HIT} from lotse_passage, to_tsquery('{self.language}', %(query)s) as asked "  # noqa: S608 (constants)
            f"where words @@ asked and {READABLE} order by ts_rank_cd(words, asked, 1) desc, document, place limit %(top)s",
            {"query": query, "groups": list(groups), "top": top},
        )

    def by_vector(self, vector: Vector, groups: Sequence[str], top: int) -> list[Hit]:
        """See Store."""
        self.size = self.size or self._size()
        if not self.size:
            return []
        self._check(len(vector))
        return self._hits(
            f"select {HIT} from lotse_passage where vector is not null and {READABLE} "  # noqa: S608 (constants)
            "order by vector <=> %(vector)s::vector limit %(top)s",
            {"vector": str(vector), "groups": list(groups), "top": top},
        )

    def all(self, groups: Sequence[str]) -> list[Hit]:
        """See Store."""
        query = f"select {HIT} from lotse_passage where {READABLE} order by document, place"  # noqa: S608 (constants)
        return self._hits(query, {"groups": list(groups)})

    def count(self, document: str = "") -> int:
        """See Store."""
        query = "select count(*) from lotse_passage where %(document)s in ('', document)"
        return int(self._rows(query, {"document": document})[0][0])

    def close(self) -> None:
        """See Store."""
        self.connection.close()

    def _connect(self) -> Any:
        try:
            import psycopg  # noqa: PLC0415
        except ImportError as error:
            raise SetupError("STORE_URL names PostgreSQL; install the package psycopg[binary] first.") from error
        self.lost = psycopg.OperationalError
        try:
            connection = psycopg.connect(self.address, autocommit=True)
            with connection.transaction():
                connection.execute(ONE_AT_A_TIME)
                connection.execute("create extension if not exists vector")
                connection.execute(TABLE.format(language=self.language))
            # pgvector 0.8: goes on searching until enough passages pass the filter by rights
            connection.execute("select set_config('hnsw.iterative_scan', 'strict_order', false)")
        except psycopg.Error as error:  # its text may repeat the address with the password
            raise SetupError("The database of STORE_URL cannot be used: it needs PostgreSQL with pgvector.") from error
        return connection

    def _size(self) -> int:
        """Length of the vectors in the table; 0 without."""
        found = self._rows(
            "select atttypmod from pg_attribute where attrelid = 'lotse_passage'::regclass and attname = 'vector'", {}
        )
        return int(found[0][0]) if found else 0

    def _prepare(self, size: int) -> None:
        """Makes the column for vectors of this length, unless another service has."""
        if self.size:
            return
        with self.connection.transaction():
            self.connection.execute(ONE_AT_A_TIME)
            self.connection.execute(f"alter table lotse_passage add column if not exists vector vector({size})")
            if size <= HNSW_LIMIT:
                self.connection.execute(HNSW)
        self.size = self._size()

    def _check(self, size: int) -> None:
        """Raises SetupError when the vectors in the table have another length."""
        if self.size != size:
            raise SetupError(
                "The passages were taken in with other embeddings; drop the table lotse_passage and ingest again."
            )

    def _hits(self, query: str, values: dict[str, Any]) -> list[Hit]:
        return [Hit(*row) for row in self._rows(query, values)]

    def _rows(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        try:
            return list(self.connection.execute(query, values).fetchall())
        except self.lost:  # the database was restarted
            self.connection = self._connect()
            return list(self.connection.execute(query, values).fetchall())
