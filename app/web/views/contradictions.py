"""Where published sources disagree, and which rule we draw from the evidence. Ids are those of the evidence."""

from __future__ import annotations

from app.locales import N_

CONTRADICTIONS: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        N_("Fine-tuning to teach knowledge"),
        N_("Some vendors advise fine-tuning for expert knowledge."),
        N_("Others advise retrieval and keep fine-tuning for behaviour."),
        N_("Knowledge comes from retrieval. Fine-tuning is for vocabulary, format and the use of context."),
        ("S2", "S7", "S8", "F25", "F6"),
    ),
    (
        N_("Always retrieval before fine-tuning"),
        N_("Vendors of managed services put retrieval first in every case."),
        N_("Meta calls that order too simple."),
        N_(
            "The cause of the mistakes decides: missing knowledge needs retrieval, wrong behaviour needs tuning, both need both."
        ),
        ("F2", "F11", "G11"),
    ),
    (
        N_("Fine-tuning saves the cost of long prompts"),
        N_("Vendors name shorter prompts as a saving."),
        N_("Price lists grant a large discount on repeated input."),
        N_("Prompt caching removes most of the saving; Lotse computes from which volume on tuning is cheaper."),
        ("F19", "F25"),
    ),
    (
        N_("Fine-tuning for valid JSON"),
        N_("Vendor guidance names output format as a reason for fine-tuning."),
        N_("Studies show that structured output solves it without training."),
        N_("Structured output first."),
        ("S30", "S31"),
    ),
    (
        N_("How many examples are enough"),
        N_("One vendor starts at 50 examples."),
        N_("Others ask for hundreds to thousands; one study finds harm below 5,000."),
        N_("The minimum depends on the task, and too little data counts as harm."),
        ("F2", "F13", "S35"),
    ),
    (
        N_("Does a model hold personal data"),
        N_("The data protection authority of Hamburg: no."),
        N_("The European Data Protection Board: often yes."),
        N_("Lotse assumes yes."),
        ("L1", "L2", "L3"),
    ),
    (
        N_("95 per cent of projects fail"),
        N_("The press quotes one survey this way."),
        N_("Its own method note does not carry that."),
        N_("Weak survey; it enters no probability."),
        ("G1", "G2", "G3"),
    ),
    (
        N_("Retrieval and fine-tuning together"),
        N_("One study: both add up."),
        N_("Another: sometimes worse than retrieval alone."),
        N_("A wide interval that includes harm."),
        ("S3", "S2"),
    ),
)
