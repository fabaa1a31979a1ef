"""Retrieval: take in documents, find passages, answer with citations. Also `python -m pipeline.retrieval ingest|ask|delete`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from .faithfulness import judge
from .metrics import words
from .model import Chat, chat, embeddings
from .passages import Hit, Store
from .prompts import PASSAGE, citations, grounded, is_unknown, unknown
from .records import data_folder, read_documents
from .rerank import CANDIDATES, Rerank, reranker
from .search import Index
from .setup import ROOT, Config, SetupError, load_config, optional
from .store_sqlite import SqliteStore
from .traces import span, texts


@dataclass(frozen=True)
class Grounded:
    """An answer with what it cites and what was found; `said` is the model's own text, empty where it was not asked."""

    text: str
    cited: list[Hit]
    found: list[Hit]
    said: str = ""

    @property
    def unknown(self) -> bool:
        """Whether the documents do not say."""
        return not self.cited


class Retrieval:
    """Answers questions from an index; `rerank` orders what was found once more."""

    def __init__(self, config: Config, index: Index, ask: Chat, rerank: Rerank | None = None) -> None:
        self.config, self.index, self.ask, self.rerank = config, index, ask, rerank

    def answer(self, question: str, groups: tuple[str, ...] = ()) -> Grounded:
        """An answer from the passages that `groups` may read; without a citation it counts as unknown."""
        found = self.passages(question, groups)
        given = self.ask(grounded(self.config, question, found)) if found else ""
        text, cited = self._attributed(given, found) if self._attributes() else (given, citations(given, found))
        if not cited or is_unknown(self.config, given):
            return Grounded(unknown(self.config), [], found, given)
        return Grounded(text, cited, found, given)

    def passages(self, question: str, groups: tuple[str, ...] = ()) -> list[Hit]:
        """The passages an answer is made from."""
        sizes = self.config["retrieval"]
        if sizes["whole"]:
            return self.index.all(groups)  # always the same order, so that the service can cache the prompt
        wanted = sizes["top"] * (CANDIDATES if self.rerank else 1)
        with span("retrieval", "RETRIEVER", texts("input", question)) as noted:
            found = self.index.find(question, wanted, groups, sizes["fusion"])
            noted.update(_documents("retrieval.documents", found))
        if self.rerank and found:
            with span("rerank", "RERANKER", texts("input", question)) as noted:
                found = self.rerank(question, found)
                noted.update(_documents("reranker.output_documents", found[: sizes["top"]]))
        return found[: sizes["top"]]

    def _attributes(self) -> bool:
        """Whether citations are added here, for models too small to write them."""
        return bool(self.config["retrieval"].get("attribute"))

    def _attributed(self, text: str, found: list[Hit]) -> tuple[str, list[Hit]]:
        """The sentences that a passage bears out, each with its number; the others are dropped."""
        kept = [item for item in judge(text, found) if item.source]
        numbers = sorted({item.source for item in kept})
        return " ".join(f"{item.sentence} [{item.source}]" for item in kept), [found[number - 1] for number in numbers]


def _documents(name: str, hits: list[Hit]) -> dict[str, str]:
    return {f"{name}.{number}.document.id": f"{hit.document}#{hit.place}" for number, hit in enumerate(hits)}


def index_path() -> Path:
    """Where the index lies when STORE_URL names no other store."""
    return Path(optional("INDEX_FILE", str(ROOT / "out" / "index.sqlite3")))


def open_store(config: Config) -> Store:
    """The store that STORE_URL names: `sqlite:FILE`, `postgresql://...`, `https://...` (Qdrant); without it the file index_path()."""
    address = optional("STORE_URL", f"sqlite:{index_path()}")
    kind, _, rest = address.partition(":")
    if kind in ("postgresql", "postgres"):
        from .store_postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(address, config["language"])
    if kind in ("http", "https"):
        from .store_qdrant import QdrantStore  # noqa: PLC0415

        return QdrantStore(address)
    if kind != "sqlite":
        raise SetupError("STORE_URL must begin with sqlite:, postgresql:// or https:// (Qdrant).")
    path = Path(rest.removeprefix("//"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteStore(path)


def ingest(config: Config, index: Index) -> dict[str, int]:
    """Takes in all documents of the data folder; a document taken in before is replaced."""
    sizes = config["retrieval"]
    documents = read_documents(data_folder())
    passages = sum(index.add(item, sizes["chunk_words"], sizes["overlap_words"]) for item in documents)
    return {"documents": len(documents), "passages": passages}


def open_index(config: Config) -> Index:
    """The index of the store; filled on first use."""
    index = Index(open_store(config), embeddings(config))
    if not index.store.count():
        ingest(config, index)
    return index


def quote(config: Config) -> Chat:
    """Stands in for a model in the rehearsal: quotes the sentence of the passages nearest to the question."""

    def ask(messages: list[dict[str, str]]) -> str:
        given = messages[-1]["content"]
        asked = set(words(given.rsplit("\n\n", 1)[-1]))
        best = max(
            (
                (len(asked & set(words(part))), -int(number), part)
                for number, text in PASSAGE.findall(given)
                for part in text.split("\n", 1)[-1].replace("? ", ". ").split(". ")
            ),
            default=(0, 0, ""),
        )
        return f"{best[2].strip()} [{-best[1]}]" if best[0] else unknown(config)

    return ask


def main(arguments: list[str]) -> int:
    """The command line of the retrieval part."""
    config = load_config()
    match arguments:
        case ["ingest"]:
            print(ingest(config, Index(open_store(config), embeddings(config))))
        case ["delete", document]:
            Index(open_store(config)).delete(document)
            print(f"{document}: deleted with all passages and vectors.")
        case ["ask", question]:
            answer = Retrieval(config, open_index(config), chat(config), reranker()).answer(question)
            print(answer.text, *(f"- {hit.title} ({hit.document})" for hit in answer.cited), sep="\n")
        case _:
            raise SetupError("Usage: python -m pipeline.retrieval ingest | ask QUESTION | delete DOCUMENT")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
