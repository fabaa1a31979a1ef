"""Retrieval: take in documents, find passages, answer with citations. Also `python -m pipeline.retrieval ingest|ask|delete`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from .metrics import words
from .model import Chat, chat, embeddings
from .prompts import citations, grounded, unknown
from .records import data_folder, read_documents
from .search import Hit, Index
from .setup import ROOT, Config, SetupError, load_config, optional


@dataclass(frozen=True)
class Grounded:
    """An answer with what it cites and what was found."""

    text: str
    cited: list[Hit]
    found: list[Hit]


class Retrieval:
    """Answers questions from an index."""

    def __init__(self, config: Config, index: Index, ask: Chat) -> None:
        self.config, self.index, self.ask = config, index, ask

    def answer(self, question: str, groups: tuple[str, ...] = ()) -> Grounded:
        """An answer from the passages that `groups` may read; without a citation it counts as unknown."""
        sizes = self.config["retrieval"]
        if sizes["whole"]:
            found = self.index.all(groups)  # always the same order, so that the service can cache the prompt
        else:
            found = self.index.find(question, sizes["top"], groups, sizes["fusion"])
        text = self.ask(grounded(self.config, question, found)) if found else unknown(self.config)
        cited = citations(text, found)
        return Grounded(text if cited else unknown(self.config), cited, found)


def index_path() -> Path:
    """Where the index lies."""
    return Path(optional("INDEX_FILE", str(ROOT / "out" / "index.sqlite3")))


def ingest(config: Config, index: Index) -> dict[str, int]:
    """Takes in all documents of the data folder; a document taken in before is replaced."""
    sizes = config["retrieval"]
    documents = read_documents(data_folder())
    passages = sum(index.add(item, sizes["chunk_words"], sizes["overlap_words"]) for item in documents)
    return {"documents": len(documents), "passages": passages}


def open_index(config: Config) -> Index:
    """The index on disk; filled on first use."""
    path = index_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    index = Index(path, embeddings(config))
    if fresh:
        ingest(config, index)
    return index


def quote(config: Config) -> Chat:
    """Stands in for a model in the rehearsal: quotes the sentence of the passages nearest to the question."""

    def ask(messages: list[dict[str, str]]) -> str:
        *passages, question = messages[-1]["content"].split("\n\n")
        asked = set(words(question))
        best = max(
            (
                (len(asked & set(words(part))), -number, part)
                for number, text in enumerate(passages, 1)
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
            print(ingest(config, open_index(config)))
        case ["delete", document]:
            open_index(config).delete(document)
            print(f"{document}: deleted with all passages and vectors.")
        case ["ask", question]:
            answer = Retrieval(config, open_index(config), chat(config)).answer(question)
            print(answer.text, *(f"- {hit.title} ({hit.document})" for hit in answer.cited), sep="\n")
        case _:
            raise SetupError("Usage: python -m pipeline.retrieval ingest | ask QUESTION | delete DOCUMENT")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
