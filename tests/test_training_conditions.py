"""A result is good only under the conditions it was made under."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from grader.model import Device
from grader.training.conditions import Conditions, cpu, key, text

CONDITIONS = Conditions({"keras": "3.15.0", "python": "3.11.7"}, "x86_64 a b", 2, Device.CPU, deterministic=True)
DIGEST = "0" * 64


def test_every_condition_alone_makes_another_key() -> None:
    changed = [
        replace(CONDITIONS, versions={"keras": "3.15.1", "python": "3.11.7"}),
        replace(CONDITIONS, versions={"keras": "3.15.0"}),
        replace(CONDITIONS, cpu="x86_64 a"),
        replace(CONDITIONS, threads=1),
        replace(CONDITIONS, device=Device.GPU),
        replace(CONDITIONS, deterministic=False),
        replace(CONDITIONS, gpu="H100 driver 1"),
        replace(CONDITIONS, format=0),
    ]
    keys = {key(DIGEST, conditions) for conditions in (CONDITIONS, *changed)} | {key("1" * 64, CONDITIONS)}
    assert len(keys) == len(changed) + 2
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in keys)


def test_the_order_of_versions_makes_no_difference() -> None:
    versions = MappingProxyType(dict(sorted(CONDITIONS.versions.items(), reverse=True)))
    assert key(DIGEST, replace(CONDITIONS, versions=versions)) == key(DIGEST, CONDITIONS)


def test_the_conditions_can_be_read() -> None:
    assert text(CONDITIONS) == (
        '{"cpu":"x86_64 a b","deterministic":true,"device":"cpu","format":2,"gpu":"","threads":2,'
        '"versions":{"keras":"3.15.0","python":"3.11.7"}}'
    )


def test_the_processor_is_told_by_model_and_features_not_by_its_speed(tmp_path: Path) -> None:
    source = tmp_path / "cpuinfo"
    one = "processor\t: {}\nmodel name\t: A  B\ncpu MHz\t\t: {}\nflags\t\t: sse avx\nbugs\t: x\n\n"
    source.write_text(one.format(0, 100) + one.format(1, 200))
    first = cpu(source)
    source.write_text(one.format(0, 300))
    assert cpu(source) == first
    assert first.endswith("flags: sse avx; model name: A B")
    source.write_text(one.format(0, 100).replace("avx", "avx2"))
    assert cpu(source) != first
    assert cpu(tmp_path / "none")
