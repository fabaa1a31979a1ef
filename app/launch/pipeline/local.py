"""The base model or the tuned one, run in this process: for the evaluation before and after tuning."""

from __future__ import annotations

from typing import Any

from .model import Chat, Message
from .setup import Config, optional
from .tune import model_folder


def local_chat(config: Config, tuned: bool) -> Chat:
    """The base model, with the adapter when `tuned`, as a function from messages to text (greedy, so repeatable)."""
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

    base = optional("BASE_MODEL", config["training"]["model"])
    whole = tuned and config["training"]["method"] == "full"
    name = str(model_folder()) if whole else base
    tokenizer = AutoTokenizer.from_pretrained(base)
    kind = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    spread = "auto" if torch.cuda.device_count() > 1 else None
    model: Any = AutoModelForCausalLM.from_pretrained(name, dtype=kind, device_map=spread, trust_remote_code=False)
    if tuned and not whole:
        from peft import PeftModel  # noqa: PLC0415

        model = PeftModel.from_pretrained(model, str(model_folder()))
    if not spread:
        model.to("cuda" if torch.cuda.is_available() else "cpu")
    model.eval()

    def ask(messages: list[Message]) -> str:
        form = {"add_generation_prompt": True, "return_tensors": "pt", "return_dict": True}
        given = tokenizer.apply_chat_template(messages, **form).to(model.device)
        with torch.no_grad():
            made = model.generate(**given, max_new_tokens=config["prompt"]["max_output_tokens"], do_sample=False)
        return str(tokenizer.decode(made[0][given["input_ids"].shape[1] :], skip_special_tokens=True)).strip()

    return ask
