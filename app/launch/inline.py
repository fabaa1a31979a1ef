"""The pipeline code inside a definition: for platforms that start a public image and take the code as environment variables."""

from __future__ import annotations

import json

from app.launch.control import Parts

IMAGE = "docker.io/library/python:3.12-slim"
# Run by `python -c`: unpacks the code, installs its packages, runs the command under the time cap, and says how it ended.
BOOT = """
import base64, io, os, subprocess, sys, zipfile
zipfile.ZipFile(io.BytesIO(base64.b64decode(os.environ['KIT_CODE']))).extractall('/tmp/kit')
os.chdir('/tmp/kit')
limit = int(os.environ['KIT_SECONDS'])
def run(*words):
    return subprocess.run(words, timeout=limit).returncode
try:
    status = run(sys.executable, '-m', 'pip', 'install', '--quiet', '-r', 'requirements.txt') or run('sh', '-c', os.environ['KIT_COMMAND'])
except subprocess.TimeoutExpired:
    status = 124
if os.environ.get('KIT_END'):
    run(sys.executable, '-m', 'pipeline.rest_job', 'end', os.environ['KIT_END'], str(status))
sys.exit(status)
""".strip()


def environment(parts: Parts, command: str, **more: str) -> dict[str, str]:
    """The variables that the boot program reads."""
    return {
        "KIT_CODE": parts.bundle_base64,
        "KIT_CONFIG": json.dumps(parts.config, separators=(",", ":"), ensure_ascii=False),
        "KIT_COMMAND": command,
        "KIT_SECONDS": str(parts.spec.seconds),
        **more,
    }


def boot_command() -> list[str]:
    """The program of the container."""
    return ["python", "-c", BOOT]
