"""The base model or the tuned one, run in this process: for the evaluation before and after tuning."""

from __future__ import annotations

from typing import Any

from .model import Chat, Message
from .setup import Config, SetupError
from .training import base_model, model_folder


def load_model(config: Config, tuned: bool) -> Any:
    """The base model, with the adapter when `tuned`; a fully tuned one lies whole in the model folder."""
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    if tuned and not model_folder().is_dir():
        raise SetupError(f"{model_folder()} does not exist; tune first: python -m pipeline.tune.")
    whole = tuned and config["training"]["method"] == "full"
    name = str(model_folder()) if whole else base_model(config)
    kind = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    spread = "auto" if torch.cuda.device_count() > 1 else None
    model: Any = AutoModelForCausalLM.from_pretrained(name, dtype=kind, device_map=spread, trust_remote_code=False)
    if tuned and not whole:
        from peft import PeftModel  # noqa: PLC0415

        model = PeftModel.from_pretrained(model, str(model_folder()))
    if not spread:
        model.to("cuda" if torch.cuda.is_available() else "cpu")
    return model.eval()


def local_chat(config: Config, tuned: bool) -> Chat:
    """The model as a function from messages to text (greedy, so repeatable)."""
    import torch  # noqa: PLC0415
    from transformers import AutoTokenizer  # noqa: PLC0415

    model, tokenizer = load_model(config, tuned), AutoTokenizer.from_pretrained(base_model(config))

    def ask(messages: list[Message]) -> str:
        form = {"add_generation_prompt": True, "return_tensors": "pt", "return_dict": True}
        given = tokenizer.apply_chat_template(messages, **form).to(model.device)
        given.pop("token_type_ids", None)  # some tokenizers add them, no causal model takes them
        with torch.no_grad():
            made = model.generate(**given, max_new_tokens=config["prompt"]["max_output_tokens"], do_sample=False)
        return str(tokenizer.decode(made[0][given["input_ids"].shape[1] :], skip_special_tokens=True)).strip()

    return ask
