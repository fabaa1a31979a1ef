"""Job files of Azure Machine Learning, by Microsoft's own loader."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from azure.ai.ml import load_job


def check(_kind: str, text: str) -> str:
    """Loads the file from a kit's folder, as the command line tool would; the code folder has to be there."""
    with TemporaryDirectory() as kit:
        path = Path(kit) / "job" / "train.yaml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        load_job(path)
    return ""
