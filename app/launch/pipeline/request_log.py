"""One line for each answered request in out/requests.jsonl: counts and times, never texts (unless LOG_TEXT=yes)."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .metrics import words
from .setup import ROOT, optional

_lock = threading.Lock()


def log_file() -> Path:
    """Where the lines are written; monitoring reads them."""
    return Path(optional("OUTPUT_DIR", str(ROOT / "out"))) / "requests.jsonl"


def note(question: str, answer: dict[str, Any], seconds: float, model: str) -> None:
    """Adds a line: time (UTC), question_words, found, cited, unknown, seconds, model. A full disk never fails a request."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "question_words": len(words(question)),
        "found": answer.get("found"),
        "cited": len(answer["sources"]) if "sources" in answer else None,
        "unknown": answer.get("unknown"),
        "seconds": round(seconds, 3),
        "model": model,
    }
    if optional("LOG_TEXT") == "yes":
        line |= {"question": question, "answer": answer["answer"]}
    try:
        with _lock:
            log_file().parent.mkdir(parents=True, exist_ok=True)
            with log_file().open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError:
        print('{"warning": "requests.jsonl cannot be written"}', flush=True)
