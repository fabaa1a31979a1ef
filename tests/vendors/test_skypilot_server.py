"""A real SkyPilot server plans the very request of "launch here" as a dry run, and refuses what costs more than its cap.

The server's catalogue is written here, with made-up prices, and moto stands in for AWS: nothing leaves this machine.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
import yaml
from botocore.session import Session

from app.launch.control import control_class
from tests.launch.control_sample import parts
from tests.vendors.servers import served

pytestmark = [
    pytest.mark.vendor,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("rsync"), reason="SkyPilot needs rsync"),
]
WAY = ("gpu_cloud", "skypilot_train")
PRICE = 20.0  # US dollars an hour of the only machine
# the dry run packs SkyPilot itself as a wheel; with the tools that are there, since nothing can be fetched
PIP = {"PIP_NO_BUILD_ISOLATION": "0"}  # pip reads this option upside down: 0 means no isolation
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
CATALOGUE = {
    "common/accelerators.csv": "AcceleratorName,Memory,Clouds\n{gpu},80GiB,AWS\n",
    "aws/vms.csv": "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone,Arch\n"
    'p5.test,{gpu},{count},16,256,,{price},{price},us-east-1,{zone},x86_64\n',
    "aws/images.csv": "Tag,Region,OS,OSVersion,ImageId,CreationDate,BaseImageId\n"
    "skypilot:custom-gpu-ubuntu-cuda13,us-east-1,ubuntu,22.04,{image},20260101,\nskypilot:custom-cpu-ubuntu,us-east-1,ubuntu,22.04,{image},20260101,\n",
    "aws/instance_quota_mapping.csv": "InstanceType,OnDemandInstanceCode,SpotInstanceCode,Region\np5.test,L-1,L-2,us-east-1\n",
}  # fmt: skip


class Server(NamedTuple):
    """Its address, and the file with its log: an answer holds the reason of a refusal only as a pickled object."""

    url: str
    log: Path


@pytest.fixture(scope="module")
def skypilot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A fresh server that is signed in to moto."""
    home, cloud = tmp_path_factory.mktemp("skypilot"), tmp_path_factory.mktemp("cloud")
    moto = ["-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"]
    with served("vendors", moto, cloud, "/moto-api/") as aws:
        _write_catalogue(home / ".sky" / "catalogs" / "v8", aws)
        arguments = ["-m", "sky.server.server", "--host", "127.0.0.1", "--port", "{port}", "--metrics-port", "0"]
        with served("skypilot", arguments, home, "/api/health", AWS_ENDPOINT_URL=aws, **KEYS, **PIP) as url:
            yield Server(url, home / "server.log")


def _write_catalogue(folder: Path, aws: str) -> None:
    client = Session().create_client(
        "ec2", region_name="us-east-1", endpoint_url=aws, aws_access_key_id="test", aws_secret_access_key="test"
    )
    gpu, _, count = str(our_parts().values["accelerators"]).partition(":")
    zone = client.describe_availability_zones()["AvailabilityZones"][0]["ZoneId"]
    values = {
        "zone": zone,
        "gpu": gpu,
        "count": count,
        "price": PRICE,
        "image": client.describe_images()["Images"][0]["ImageId"],
    }
    for name, text in CATALOGUE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**values))


def our_parts() -> Any:
    """A launch without a bucket: none would be found here."""
    return parts(*WAY, "lora_open_weights", bucket="", infra="aws")


def dry_run(server: Server, **resources: Any) -> str:
    """Sends the product's request as a dry run, with some resources changed; returns how it ended, with the reason."""
    body = control_class(*WAY).definition(our_parts())
    task = yaml.load(body["task"], Loader=yaml.CSafeLoader)
    task["resources"] |= resources
    answer = httpx2.post(
        f"{server.url}/launch", json={**body, "task": yaml.safe_dump(task), "dryrun": True}, timeout=60
    )
    assert answer.status_code == 200
    return _ended(server, answer.headers["X-SkyPilot-Request-ID"])


def _ended(server: Server, request: str) -> str:
    end = time.monotonic() + 100
    while time.monotonic() < end:
        row = httpx2.get(f"{server.url}/api/status", params={"request_ids": request}, timeout=30).json()[0]
        if row["status"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            reason = server.log.read_text().partition(f"Request {request} failed due to ")[2][:600]
            return f"{row['status']} {reason}".strip()
        time.sleep(0.5)
    return "unfinished"


def test_our_launch_is_planned(skypilot: Server) -> None:
    assert dry_run(skypilot, max_hourly_cost=PRICE + 1) == "SUCCEEDED"


@pytest.mark.parametrize(
    ("resources", "reason"),
    [({"max_hourly_cost": PRICE - 1}, "ResourcesUnavailableError"), ({"accelerators": "H9000:1"}, "H9000"), ({"infra": "aws/moon-1"}, "moon-1")],
)  # fmt: skip
def test_what_costs_too_much_or_does_not_exist_is_refused(
    skypilot: Server, resources: dict[str, Any], reason: str
) -> None:
    ended = dry_run(skypilot, **{"max_hourly_cost": PRICE + 1, **resources})
    assert ended.startswith("FAILED")
    assert reason in ended
