"""Prints what the students' interpreter has, as one JSON line; started by path, like the harness."""

from __future__ import annotations

import importlib.util
import json
import platform

from . import evidence


def main(asked: str = "") -> None:
    found = {
        "versions": {"python": platform.python_version()} | dict(evidence.versions()),
        "platform": evidence.platform_name(),
        "cpu": evidence.cpu_name(),
        "gpus": gpus() if asked == "gpus" else [],
    }
    print(json.dumps(found))  # noqa: T201 - its answer


def gpus() -> list[str]:
    """The names of the GPUs that TensorFlow sees."""
    if importlib.util.find_spec("tensorflow") is None:
        return []
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(device) for device in devices]
    return [str(detail.get("device_name", "GPU")) for detail in details]
