"""The prompt set: instruction, examples chosen for each question, structured output, retrieved passages with numbers."""

from __future__ import annotations

import re

from .metrics import unfenced
from .model import Chat, Message
from .records import Document, Example
from .search import Hit, Index
from .setup import Config

TEXTS = {
    "de": {
        "label": "Ordnen Sie die Eingabe genau einer Kategorie zu und antworten Sie nur mit deren Namen. Kategorien: {labels}.",
        "json": "Antworten Sie nur mit gültigem JSON nach dem Muster der Beispiele, ohne weiteren Text.",
        "text": "Bearbeiten Sie die Eingabe so, wie die Beispiele es zeigen. Erfinden Sie nichts.",
        "cite": "Antworten Sie allein aus den nummerierten Passagen und belegen Sie jede Aussage mit der Nummer in eckigen Klammern, "
        "etwa [1]. Steht die Antwort nicht darin, antworten Sie genau: {unknown}",
        "unknown": "Das steht nicht in den Dokumenten.",
    },
    "en": {
        "label": "Assign the input to exactly one category and answer with its name only. Categories: {labels}.",
        "json": "Answer with valid JSON in the form of the examples and nothing else.",
        "text": "Treat the input the way the examples show. Do not invent anything.",
        "cite": "Answer from the numbered passages alone and give the number in square brackets for each statement, such as [1]. "
        "If the answer is not in them, answer exactly: {unknown}",
        "unknown": "This is not in the documents.",
    },
}


def instruction(config: Config, labels: list[str]) -> str:
    """The standing part of the prompt; put first, so that the service can cache it."""
    text = TEXTS[config["language"]][config["evaluation"]["measure"]].format(labels=", ".join(labels))
    return f"{config['task']}\n{text}"


def unknown(config: Config) -> str:
    """What is answered when the documents do not say."""
    return TEXTS[config["language"]]["unknown"]


class PromptSet:
    """Few-shot prompting: the examples nearest to the question (BM25) go before it."""

    def __init__(self, config: Config, examples: list[Example], chat: Chat) -> None:
        self.config, self.chat, self.examples = config, chat, {str(n): item for n, item in enumerate(examples)}
        self.index = Index()
        for key, item in self.examples.items():
            self.index.add(Document(key, "", item.input), size=400, overlap=0)
        labels = sorted({item.output for item in examples}) if config["evaluation"]["measure"] == "label" else []
        self.system = instruction(config, labels)

    def messages(self, question: str) -> list[Message]:
        """System prompt, chosen examples as turns, the question."""
        hits = self.index.find(question, self.config["prompt"]["examples"])
        shots = [self.examples[hit.document] for hit in reversed(hits)]
        turns = [turn for shot in shots for turn in (_turn("user", shot.input), _turn("assistant", shot.output))]
        return [_turn("system", self.system), *turns, _turn("user", question)]

    def answer(self, question: str) -> str:
        """The model's answer, without a code fence."""
        return unfenced(self.chat(self.messages(question)))


def grounded(config: Config, question: str, hits: list[Hit]) -> list[Message]:
    """Messages that ask for an answer from numbered passages."""
    rule = TEXTS[config["language"]]["cite"].format(unknown=unknown(config))
    passages = "\n\n".join(f"[{number}] {hit.title}\n{hit.text}" for number, hit in enumerate(hits, 1))
    return [_turn("system", f"{config['task']}\n{rule}"), _turn("user", f"{passages}\n\n{question}")]


def citations(answer: str, hits: list[Hit]) -> list[Hit]:
    """The passages that an answer cites; numbers without a passage are left out."""
    numbers = {int(number) for number in re.findall(r"\[(\d{1,3})\]", answer)}
    return [hit for number, hit in enumerate(hits, 1) if number in numbers]


def _turn(role: str, content: str) -> Message:
    return {"role": role, "content": content}
