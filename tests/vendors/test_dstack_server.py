"""A real dstack server plans what the product asks for, and refuses what is broken. It has no cloud, so nothing can start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from typing import Any

import httpx2
import pytest

from app.launch.access import Access
from app.launch.control import Control, Parts, control_class
from tests.launch.control_sample import order, parts
from tests.vendors.servers import served

pytestmark = [pytest.mark.vendor, pytest.mark.slow]
TOKEN = "0123456789abcdef"  # of this test's own server
WAY = ("gpu_cloud", "dstack_train")


@pytest.fixture(scope="module")
def dstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A client of a fresh server."""
    home = tmp_path_factory.mktemp("dstack")
    arguments = [
        "-m",
        "dstack._internal.cli.main",
        "server",
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
        "-n",
        "--token",
        TOKEN,
    ]
    with (
        served("dstack", arguments, home, "/healthcheck") as url,
        httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client,
    ):
        yield client


def our_parts(option: str = "lora_open_weights") -> Parts:
    """A launch in the project that every fresh server has, without volume and image: this server has no volume, and would ask for the image."""
    return parts(*WAY, option).model_copy(update={"entries": {"project": "main"}})


def run_spec(option: str = "lora_open_weights") -> dict[str, Any]:
    """What "launch here" sends."""
    return control_class(*WAY).definition(our_parts(option))


@pytest.mark.parametrize("option", ["lora_open_weights", "tuned_encoder", "continued_pretraining"])
def test_the_server_plans_our_run(dstack: httpx2.Client, option: str) -> None:
    spec = run_spec(option)
    answer = dstack.post("/api/project/main/runs/get_plan", json={"run_spec": spec})
    assert answer.status_code == 200, answer.text[:1000]
    understood = answer.json()["run_spec"]["configuration"]
    assert understood["max_duration"] == spec["configuration"]["max_duration"]
    assert understood["max_price"] == spec["configuration"]["max_price"]
    assert understood["env"]["KIT_CONFIG"] == spec["configuration"]["env"]["KIT_CONFIG"]
    assert answer.json()["action"] == "create"


@pytest.mark.parametrize(
    ("field", "value"), [("colour", "red"), ("max_price", -1), ("max_duration", "soon"), ("commands", 5)]
)
def test_the_server_refuses_a_broken_run(dstack: httpx2.Client, field: str, value: Any) -> None:
    spec = deepcopy(run_spec())
    spec["configuration"][field] = value
    assert dstack.post("/api/project/main/runs/get_plan", json={"run_spec": spec}).status_code == 422


class Signing:
    """The token of this test's own server."""

    def auth(self, service: str, region: str) -> httpx2.Auth:
        return httpx2.FunctionAuth(self._sign)

    def _sign(self, request: httpx2.Request) -> httpx2.Request:
        request.headers["Authorization"] = f"Bearer {TOKEN}"
        return request


@pytest.fixture
def launch(dstack: httpx2.Client) -> Iterator[Control]:
    """A launch of the product that speaks to the server."""
    with closing(Access(Signing(), str(dstack.base_url))) as access:
        yield control_class(*WAY)(order(our_parts(), WAY[1]), access)


def test_a_whole_launch_against_the_server(launch: Control) -> None:
    """Without a cloud the run finds no offer and fails; we have to read that, and to leave nothing behind."""
    assert launch.find() is None
    handle = launch.submit().handle
    found = launch.find()
    assert found is not None
    assert found.handle == handle
    end = time.monotonic() + 60
    while (seen := launch.status(handle)) and seen.state != "failed" and time.monotonic() < end:
        time.sleep(1)
    assert seen is not None
    assert seen.state == "failed"
    launch.cancel(handle)
    while not launch.teardown(handle) and time.monotonic() < end:
        time.sleep(1)
    assert launch.find() is None
