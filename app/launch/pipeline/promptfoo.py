"""The kit's cases for promptfoo: `python -m pipeline.promptfoo` writes promptfooconfig.yaml (JSON is YAML) and its check.

Then: `npx promptfoo@0.121.20 eval`, with MODEL_URL and MODEL_API_KEY set. Every case is asked with what the pipeline adds
and without. The files hold your test cases and passages; the address and the key stay in the environment.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .conversations import with_context, without_context
from .evaluate import load
from .metrics import passed, score, unfenced
from .model import Message, model_name
from .setup import ROOT, Config, SetupError, load_config

CHECK = '''"""promptfoo calls this for every answer: the measure of the kit."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pipeline.promptfoo import judged  # noqa: E402


def get_assert(output, context):
    return judged(output, context["vars"]["expected"])
'''


def promptfoo_config(config: Config) -> dict[str, Any]:
    """The content of the file."""
    train, test = load(config)
    asked = {"with_context": with_context(config, train), "without_context": without_context(config)}
    settings = {"apiBaseUrl": "{{env.MODEL_URL}}", "apiKeyEnvar": "MODEL_API_KEY", "temperature": 0}
    return {
        "description": config["kit"],
        "prompts": [{"raw": f"{{{{{name}}}}}", "label": name.replace("_", " ")} for name in asked],
        "providers": [
            {
                "id": f"openai:chat:{model_name(config)}",
                "config": {**settings, "max_tokens": config["prompt"]["max_output_tokens"]},
            }
        ],
        "tests": [
            {
                "description": item.input,
                "vars": {**{name: _text(messages(item)) for name, messages in asked.items()}, "expected": item.output},
                "assert": [{"type": "python", "value": "file://promptfoo_check.py"}],
            }
            for item in test
        ],
    }


def _text(messages: list[Message]) -> str:
    """Messages as promptfoo reads them; its template marks inside data are taken apart, so that they stay data."""
    text = json.dumps(messages, ensure_ascii=False)
    for mark in ("{{", "{%", "{#"):
        text = text.replace(mark, f"{mark[0]} {mark[1]}")
    return text


def judged(given: str, expected: str) -> dict[str, Any]:
    """The verdict in promptfoo's form."""
    rules = load_config()["evaluation"]
    points = score(rules["measure"], unfenced(given), expected)
    right = passed(rules["measure"], points, rules["text_threshold"])
    return {"pass": right, "score": points, "reason": f"measure {rules['measure']}"}


def write(folder: Path) -> None:
    """Writes both files into the folder of the kit."""
    text = json.dumps(promptfoo_config(load_config()), indent=2, ensure_ascii=False)
    (folder / "promptfooconfig.yaml").write_text(text + "\n", encoding="utf-8")
    (folder / "promptfoo_check.py").write_text(CHECK, encoding="utf-8")


if __name__ == "__main__":
    try:
        write(ROOT)
    except SetupError as error:
        sys.exit(str(error))
    print("Written: promptfooconfig.yaml. Now: npx promptfoo@0.121.20 eval")
