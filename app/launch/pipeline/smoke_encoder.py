"""The smoke test of encoder kits: trains, evaluates and serves a tiny classifier on the processor.

It proves that data, packages, settings, training and service work together. It says nothing about quality or time of the
real encoder.
"""

from __future__ import annotations

import json
import os
import threading
import urllib.request

from . import card, encoder
from .evaluate import load, summary
from .evaluate import run as evaluation
from .service import serve
from .setup import Config, SetupError, report
from .smoke_data import check_loss, prepare, texts
from .tiny import write_encoder

STEPS = {"epochs": 12, "batch": 4, "learning_rate": 0.003, "sequence_length": 128}


def run(config: Config) -> None:
    """Runs everything and says what came out. Raises SetupError when a part does not do its work."""
    folder = prepare(config)
    small = {**config, "training": {**config["training"], **STEPS}}
    examples = load(small)[0]
    write_encoder(folder / "base", texts(examples))
    report("evaluation-rehearse.json", evaluation(small, "rehearse", bare=False))
    encoder.train(small, examples)
    tuned = evaluation(small, "tuned", bare=False)
    report("evaluation-tuned.json", tuned)
    print(summary(tuned))
    check_loss()
    answer = _ask(small, examples[0].input)
    if answer not in encoder.labels_of(examples):
        raise SetupError(f"The service answered {answer!r}, which is no category.")
    print(f"Trained, saved, loaded, evaluated, served; card: {card.write(small)}")
    print("Not tested: the real encoder, quality and time.")


def _ask(config: Config, question: str) -> str:
    """One question to the kit's service on a free port of this machine."""
    os.environ |= {"PORT": "0", "SERVICE_TOKEN": "", "SERVICE_BEHIND_LOGIN": ""}
    with serve(config) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            address = f"http://127.0.0.1:{server.server_address[1]}/answer"
            request = urllib.request.Request(address, json.dumps({"question": question}).encode())
            with urllib.request.urlopen(request, timeout=60) as given:  # noqa: S310
                return str(json.load(given)["answer"])
        finally:
            server.shutdown()
