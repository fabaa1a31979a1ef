"""The first program of a container that starts from a public image: unpacks the code from the environment, installs, runs, says how it ended.

Its text is sent inside the definition (`python -c`), so it stands alone: nothing of the pipeline is there before it has run.
"""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import time
import zipfile

PLACE = "/tmp/kit"  # noqa: S108 -- the container is this run's alone


def run(seconds: float, *words: str) -> int:
    """One program within the time that is left; 124 when it took longer, as the command `timeout` says it."""
    try:
        return subprocess.run(words, cwd=PLACE, timeout=max(1.0, seconds), check=False).returncode  # noqa: S603
    except subprocess.TimeoutExpired:
        return 124


def main() -> int:
    """Installs and runs under one time cap; the exit status is the run's."""
    end = time.monotonic() + int(os.environ["KIT_SECONDS"])
    zipfile.ZipFile(io.BytesIO(base64.b64decode(os.environ["KIT_CODE"]))).extractall(PLACE)
    install = (sys.executable, "-m", "pip", "install", "--quiet", "-r", "requirements.txt")
    status = run(end - time.monotonic(), *install)
    status = status or run(end - time.monotonic(), "sh", "-c", os.environ["KIT_COMMAND"])
    if os.environ.get("KIT_END"):
        run(120, sys.executable, "-m", "pipeline.rest_job", "end", os.environ["KIT_END"], str(status))
    return status


if __name__ == "__main__":
    sys.exit(main())
