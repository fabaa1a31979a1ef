"""RunPod, interface version 2: a pod with a public image and the pipeline code in its environment.

A pod whose program ends is started again, so the program writes how it ended into the pod's name and stops the pod.
"""

from __future__ import annotations

from typing import Any

from app.launch.access import if_there
from app.launch.control import Control as Base
from app.launch.control import Found, Parts, Quota, Seen, State
from app.launch.inline import IMAGE, START, boot, environment, too_long
from app.launch.states import moment, plain_word
from app.locales import N_

BASE = "https://api.runpod.io/v2"
STATES: dict[str, State] = {"PROVISIONING": "queued", "STARTING": "queued", "RUNNING": "running", "ERROR": "failed"}
ENDINGS: dict[str, State] = {"-done": "succeeded", "-failed": "failed"}


class Control(Base):
    """Pods of one account."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body of POST /v2/pods."""
        env = environment(
            parts, str(parts.values["train_command"]), KIT_BOOT=boot(), KIT_END="runpod", LOTSE_LAUNCH=parts.launch
        )
        volume, center = parts.entries.get("volume"), parts.entries.get("data_center")
        if volume:
            env |= {
                "DATA_DIR": "/volume/data",
                "OUTPUT_DIR": f"/volume/{parts.name}",
                "MODEL_DIR": f"/volume/{parts.name}/model",
            }
        body = {
            "name": parts.name, "image": IMAGE, "args": START, "env": env, "cloud": "SECURE", "disk": parts.values["storage_gb"],
            "gpu": {"id": parts.values["runpod_gpu"], "count": max(1, parts.spec.gpu_count)},
        }  # fmt: skip
        body |= {"mounts": {"network": [{"volumeId": volume, "path": "/volume"}]}} if volume else {}
        return body | ({"dataCenterIds": [center]} if center else {})

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """Variables that are too long."""
        return too_long(definition["env"])

    def find(self) -> Seen | None:
        """By name, also after the pod has written its end there."""
        names = {self.order.name, *(f"{self.order.name}{ending}" for ending in ENDINGS)}
        return next((_seen(pod) for pod in self._pods() if pod["name"] in names), None)

    def submit(self) -> Seen:
        """Creates the pod."""
        return _seen(self.access.call("POST", f"{BASE}/pods", json=self.order.definition))

    def status(self, handle: str) -> Seen | None:
        """The pod by its id."""
        return if_there(lambda: _seen(self.access.call("GET", f"{BASE}/pods/{handle}")))

    def logs(self, handle: str) -> list[str]:
        """None: the interface sends an endless stream."""
        return []

    def cancel(self, handle: str) -> None:
        """Stops the pod."""
        seen = self.status(handle)
        if seen and seen.said not in ("EXITED", "TERMINATED"):
            self.access.call("POST", f"{BASE}/pods/{handle}/action", json={"action": "stop"})

    def teardown(self, handle: str) -> bool:
        """Deletes the pod with its disk; True when the list no longer holds it."""
        if not self.status(handle):
            return True
        self.access.call("DELETE", f"{BASE}/pods/{handle}")
        seen = self.status(handle)
        return seen is None or seen.said == "TERMINATED"

    def quota(self) -> Quota:
        """Not asked: there is no interface for it."""
        return Quota(needed=1, free=None, why=N_("RunPod has no interface for the spending limit of your account."))

    def tagged(self) -> list[Found]:
        """Pods that carry our variable: pods have no labels."""
        return [
            Found(handle=pod["id"], launch=pod["env"]["LOTSE_LAUNCH"], kind="pod")
            for pod in self._pods()
            if "LOTSE_LAUNCH" in (pod.get("env") or {}) and pod["status"] != "TERMINATED"
        ]

    def _pods(self) -> list[dict[str, Any]]:
        pods: list[dict[str, Any]] = self.access.call("GET", f"{BASE}/pods")["pods"]
        return pods


def _seen(pod: dict[str, Any]) -> Seen:
    said = plain_word(pod["status"])
    return Seen(
        handle=str(pod["id"]), state=_state(said, str(pod["name"])), said=said, started=moment(pod.get("startedAt"))
    )


def _state(said: str, name: str) -> State:
    """A stopped pod tells by its name how the run ended; without that somebody stopped it."""
    if said not in ("EXITED", "TERMINATED"):
        return STATES.get(said, "running")
    return next((state for ending, state in ENDINGS.items() if name.endswith(ending)), "cancelled")
