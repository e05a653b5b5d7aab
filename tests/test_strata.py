"""Which of a recording's strata judges here, and what is said where none was made in such an environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from mnist_facts import ENVIRONMENT, RECORDING

from grader.model import Device, Environment, Recording, SeedRun, Stratum
from grader.strata import add, choose, differences, each, runs_in, shifts, warning

OTHERWISE = replace(
    ENVIRONMENT,
    versions={**ENVIRONMENT.versions, "ipykernel": "9", "python": "3.11.0"},
    cpu="Other",
    platform="Other",
    threads=9,
    deterministic=False,
    seed=3,
)
GPU = replace(ENVIRONMENT, device=Device.GPU, gpu="NVIDIA H100 80GB HBM3")


def on(*, packages: Mapping[str, str] | None = None, **fields: Any) -> Environment:
    """As recorded, but for these."""
    return replace(ENVIRONMENT, versions={**ENVIRONMENT.versions, **(packages or {})}, **fields)


def with_keras(version: str, **fields: Any) -> Environment:
    return on(packages={"keras": version}, **fields)


def with_python(version: str) -> Environment:
    return on(packages={"python": version})


def runs(*seeds: int) -> tuple[SeedRun, ...]:
    return tuple(SeedRun(seed, {"loss": (0.1 + seed,)}) for seed in seeds)


def of(*environments: Environment) -> Recording:
    """A recording with a stratum for each of these, told apart by the seed of its only run."""
    first, *others = [Stratum(one, runs(number)) for number, one in enumerate(environments)]
    return replace(RECORDING, environment=first.environment, runs=first.runs, others=tuple(others))


def chosen(recording: Recording, here: Environment) -> int:
    return choose(recording, here.device, lambda: here).runs[0].seed


# --- which one judges --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "number"),
    [
        (on(), 0),
        (with_keras("3.20.0"), 1),
        (with_keras("3.20.0", cpu="Other CPU"), 1),
        (GPU, 2),
        (on(cpu="Third CPU"), 0),  # shifts nothing
        (on(packages={"tensorflow": "3.0.0"}), 0),  # like none: the first of the same device
        (replace(GPU, gpu="Tesla T4"), 2),
        (on(threads=8), 0),
        (with_python("3.11.99"), 0),
        (with_python("3.12.1"), 4),
        (on(cpu="Second CPU"), 3),  # as like as the first in what shifts, and liker in the rest
    ],
)
def test_the_stratum_that_is_like_this_environment_judges(here: Environment, number: int) -> None:
    strata = of(on(), with_keras("3.20.0"), GPU, on(cpu="Second CPU"), with_python("3.12.7"))
    assert chosen(strata, here) == number


def test_where_nothing_was_recorded_on_the_device_the_first_one_judges() -> None:
    assert chosen(of(on(), with_keras("3.20.0")), GPU) == 0


def test_the_environment_is_not_asked_for_where_there_is_nothing_to_choose() -> None:
    def asked() -> Environment:
        raise AssertionError

    assert choose(of(on(), GPU), Device.GPU, asked).runs == runs(1)
    assert choose(RECORDING, Device.CPU, asked) == RECORDING


def test_what_judges_knows_nothing_of_the_other_strata() -> None:
    assert choose(of(on(), GPU), Device.CPU, on) == replace(RECORDING, runs=runs(0))
    assert [one.environment for one in each(of(on(), GPU))] == [on(), GPU]


@pytest.mark.parametrize(
    ("here", "names"),
    [
        (on(), ()),
        (OTHERWISE, ()),
        (on(packages={"keras": "1", "numpy": "1", "tensorflow": "1"}), ("keras", "numpy", "tensorflow")),
        (with_python("3.1.7"), ("python",)),
        (GPU, ("device", "GPU")),
    ],
)
def test_what_can_shift_all_runs_is_told_from_what_cannot(here: Environment, names: tuple[str, ...]) -> None:
    assert shifts(on(), here) == names


def test_an_environment_that_may_shift_all_runs_is_warned_of_with_the_command_that_records_here() -> None:
    assert warning(on(), on(cpu="Other CPU")) == ""
    assert warning(on(), on(packages={"keras": "3.20.0", "python": "3.12.1"})) == (
        "nothing was recorded in an environment like this one (other: keras, python), and the intervals of another "
        "judge, no wider than they were; `grader reference record --add` records here"
    )


# --- adding ------------------------------------------------------------------------------------------------


def test_runs_of_another_environment_become_a_stratum_of_their_own() -> None:
    assert add(of(on()), GPU, runs(0, 1)) == replace(of(on()), others=(Stratum(GPU, runs(0, 1)),))


def test_runs_of_the_same_environment_go_on_with_its_seeds() -> None:
    both = of(on(), GPU)
    assert add(both, replace(GPU, seed=9), runs(2, 3)) == replace(both, others=(Stratum(GPU, runs(1, 2, 3)),))
    assert add(both, on(), runs(1)) == replace(both, runs=runs(0, 1))


def test_a_seed_that_was_there_is_replaced() -> None:
    new = SeedRun(0, {"loss": (7.0,)})
    assert add(of(on()), on(), [new]).runs == (new,)


def test_another_processor_is_another_stratum_though_it_shifts_nothing() -> None:
    found = add(of(on()), on(cpu="Other CPU"), runs(0))
    assert [(len(one.runs), one.environment.cpu) for one in each(found)] == [(1, "Some CPU"), (1, "Other CPU")]


def test_what_was_recorded_here_is_found_whether_or_not_it_was_deterministic() -> None:
    strata = of(on(), replace(GPU, deterministic=False))
    assert (runs_in(strata, on()), runs_in(strata, GPU), runs_in(strata, on(threads=3))) == (runs(0), runs(1), ())


# --- one environment and another ---------------------------------------------------------------------------


def test_one_environment_does_not_differ_from_itself_under_another_seed() -> None:
    assert differences(ENVIRONMENT, replace(ENVIRONMENT, seed=9)) == ()


def test_every_difference_of_environments_is_one_phrase() -> None:
    here = replace(
        ENVIRONMENT,
        versions={"keras": "3.14.0", "numpy": "2.4.0", "tensorflow": "2.21.0"},
        platform="Linux-6.2-x86_64",
        cpu="Other CPU",
        device=Device.GPU,
        gpu="Some GPU",
        threads=4,
        deterministic=False,
    )
    assert differences(ENVIRONMENT, here) == (
        "keras 3.15.1 was recorded, 3.14.0 is here",
        "no numpy was recorded, 2.4.0 is here",
        "python 3.11.7 was recorded, none is here",
        "platform Linux-6.1-x86_64 was recorded, Linux-6.2-x86_64 is here",
        "CPU Some CPU was recorded, Other CPU is here",
        "device cpu was recorded, gpu is here",
        "no GPU was recorded, Some GPU is here",
        "2 threads was recorded, 4 threads is here",
        "deterministic was recorded, not deterministic is here",
    )
