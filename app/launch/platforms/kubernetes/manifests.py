"""The objects of a launch in a cluster, as data: without root, without a token of the cluster, with limits and a network policy."""

from __future__ import annotations

import json
from typing import Any

from app.launch.control import TAG, Parts
from app.launch.inline import IMAGE

GPU = "nvidia.com/gpu"
KINDS = {  # kind -> where the interface has it
    "ConfigMap": ("/api/v1", "configmaps"), "Service": ("/api/v1", "services"), "Job": ("/apis/batch/v1", "jobs"),
    "Deployment": ("/apis/apps/v1", "deployments"), "NetworkPolicy": ("/apis/networking.k8s.io/v1", "networkpolicies"),
}  # fmt: skip
INSTALL = "python -m zipfile -e /code/code.zip /scratch && cd /scratch && pip install --quiet --target /scratch/packages -r requirements.txt"


def items(parts: Parts) -> list[dict[str, Any]]:
    """The objects in the order in which they are created: last what computes, so that an interrupted or refused try costs nothing."""
    code = _object(parts, "ConfigMap", "v1", binaryData={"code.zip": parts.bundle_base64}, data={"config.json": json.dumps(parts.config)})  # fmt: skip
    if parts.spec.training:
        return [code, _job(parts)]
    return [code, _policy(parts), _service(parts), _deployment(parts)]


def _object(parts: Parts, kind: str, version: str, **content: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": parts.name, "labels": _labels(parts)}, **content}


def _labels(parts: Parts) -> dict[str, str]:
    return {TAG: parts.launch, "lotse": parts.name}


def _job(parts: Parts) -> dict[str, Any]:
    resources = {"limits": {GPU: parts.spec.gpu_count}}
    pod = _pod(parts, f"{INSTALL} && {parts.values['train_command']}", resources) | {"restartPolicy": "Never"}
    spec = {
        "activeDeadlineSeconds": parts.spec.seconds, "backoffLimit": 0, "ttlSecondsAfterFinished": 7 * 86400,
        "template": {"metadata": {"labels": _labels(parts)}, "spec": pod},
    }  # fmt: skip
    return _object(parts, "Job", "batch/v1", spec=spec)


def _deployment(parts: Parts) -> dict[str, Any]:
    resources = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}}
    pod = _pod(parts, f"{INSTALL} && python -m pipeline.service", resources)
    container = pod["containers"][0]
    token = {
        "name": "SERVICE_TOKEN",
        "valueFrom": {"secretKeyRef": {"name": parts.entries["secret"], "key": "service-token"}},
    }
    key = {"name": "MODEL_API_KEY", "valueFrom": {"secretKeyRef": {"name": parts.entries["secret"], "key": "model-api-key", "optional": True}}}  # fmt: skip
    container["env"] += [{"name": "MODEL_URL", "value": parts.entries["model_url"]}, key, token]
    container |= {
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 10},
    }
    spec = {
        "replicas": 1, "selector": {"matchLabels": {TAG: parts.launch}},
        "template": {"metadata": {"labels": _labels(parts)}, "spec": pod},
    }  # fmt: skip
    return _object(parts, "Deployment", "apps/v1", spec=spec)


def _service(parts: Parts) -> dict[str, Any]:
    spec = {"selector": {TAG: parts.launch}, "ports": [{"port": 8080, "targetPort": 8080}]}
    return _object(parts, "Service", "v1", spec=spec)


def _policy(parts: Parts) -> dict[str, Any]:
    spec = {
        "podSelector": {"matchLabels": {TAG: parts.launch}}, "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 8080}]}],
    }  # fmt: skip
    return _object(parts, "NetworkPolicy", "networking.k8s.io/v1", spec=spec)


def _pod(parts: Parts, command: str, resources: dict[str, Any]) -> dict[str, Any]:
    claim = parts.entries.get("claim")
    places = {"OUTPUT_DIR": f"/volume/{parts.name}", "MODEL_DIR": f"/volume/{parts.name}/model", "DATA_DIR": "/volume/data"} if claim else {"OUTPUT_DIR": "/scratch/out", "MODEL_DIR": "/scratch/out/model"}  # fmt: skip
    env = {**places, "HOME": "/scratch", "PYTHONPATH": "/scratch/packages", "PATH": "/scratch/packages/bin:/usr/local/bin:/usr/bin:/bin", "INDEX_FILE": "/scratch/index.sqlite3"}  # fmt: skip
    config = {"name": "KIT_CONFIG", "valueFrom": {"configMapKeyRef": {"name": parts.name, "key": "config.json"}}}
    mounts = [{"name": "code", "mountPath": "/code"}, {"name": "scratch", "mountPath": "/scratch"}, {"name": "memory", "mountPath": "/dev/shm"}]  # noqa: S108  # fmt: skip
    volumes: list[dict[str, Any]] = [{"name": "code", "configMap": {"name": parts.name}}, {"name": "scratch", "emptyDir": {}}, {"name": "memory", "emptyDir": {"medium": "Memory"}}]  # fmt: skip
    if claim:
        mounts.append({"name": "volume", "mountPath": "/volume"})
        volumes.append({"name": "volume", "persistentVolumeClaim": {"claimName": claim}})
    container = {
        "name": "kit", "image": parts.entries.get("image") or IMAGE, "command": ["sh", "-c", command], "resources": resources,
        "env": [*({"name": name, "value": value} for name, value in env.items()), config], "volumeMounts": mounts,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }  # fmt: skip
    return {
        "automountServiceAccountToken": False, "containers": [container], "volumes": volumes,
        "securityContext": {"runAsUser": 1000, "runAsNonRoot": True, "fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
    }  # fmt: skip
