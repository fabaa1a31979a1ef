"""A very small model with a tokenizer of its own, made from the kit's data: rehearses training without a download.

Its weights are random: it learns nothing worth having, but it goes the whole way that the real model goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

WORDS = 600  # entries of the vocabulary at most
LENGTH = 512  # tokens
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
TEMPLATE = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)


def write_language_model(folder: Path, texts: Iterable[str]) -> None:
    """A Llama of about 0.1 million parameters with a chat template."""
    from transformers import LlamaConfig, LlamaForCausalLM  # noqa: PLC0415

    tokenizer = _tokenizer(texts)
    tokenizer.chat_template = TEMPLATE
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    _save(LlamaForCausalLM(LlamaConfig(**shape, **_sizes(tokenizer), num_key_value_heads=2)), tokenizer, folder)


def write_encoder(folder: Path, texts: Iterable[str]) -> None:
    """A BERT of about 0.1 million parameters, without a head."""
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    tokenizer = _tokenizer(texts)
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    _save(BertModel(BertConfig(**shape, **_sizes(tokenizer))), tokenizer, folder)


def _tokenizer(texts: Iterable[str]) -> Any:
    """Byte-pair encoding over bytes, so that no text is unknown."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    found = Tokenizer(models.BPE(unk_token=SPECIAL["unk_token"]))
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS, special_tokens=list(SPECIAL.values()), initial_alphabet=alphabet, show_progress=False
    )
    found.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=found, model_max_length=LENGTH, **SPECIAL)


def _sizes(tokenizer: Any) -> dict[str, int]:
    return {
        "vocab_size": len(tokenizer),
        "max_position_embeddings": LENGTH,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
