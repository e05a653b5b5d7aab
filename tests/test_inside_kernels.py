"""Which way a kernel starts, and what a forked one is to whoever started it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from forked import answer
from inside_job import job

from grader.inside import forked as forked_kernel
from grader.inside import keeper, kernels
from grader.inside.forked import Forked
from grader.inside.kernels import Kernel

COLD = [
    'os.environ["KERAS_BACKEND"] = "jax"',
    "os.environ['TF_USE_LEGACY_KERAS'] = '1'",
    "os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'",
    "os.environ['XLA_FLAGS'] = '--xla_cpu_enable_fast_math=true'",
    "os.environ['TF_DETERMINISTIC_OPS'] = '1'",
    "os.environ['OMP_NUM_THREADS'] = '1'",
    "os.environ['MKL_CBWR'] = 'COMPATIBLE'",
    "os.environ['PYTHONHASHSEED'] = '0'",
    "%env KERAS_BACKEND=torch",
    "%env",
    "%set_env TF_NUM_INTRAOP_THREADS 1",
    "os.environ.update(settings)",
    "os.environ[name] = value",
    "os.environ['KERAS' + '_BACKEND'] = 'jax'",
    "os.environ['KERAS' '_BACKEND'] = 'jax'",
    "os.environ.setdefault(name, '1')",
    "os.environ.setdefault('KERAS' + suffix, '1')",
    "os.environ['A'] = '1'\nos.environ[name] = '2'",
    "os.putenv(name, '1')",
    "from dotenv import load_dotenv",
    "json.dump({'floatx': 'float64'}, open(os.path.expanduser('~/.keras/keras.json'), 'w'))",
    "(Path.home() / '.keras').mkdir()",
    "import os\n\nvariables = os.environ\nvariables['KERAS_' + 'BACKEND'] = 'jax'",
]
WARM = [
    "",
    "import keras\nfrom keras import layers",
    "import tensorflow as tf\nmodel = tf.keras.Sequential()",
    "from tensorflow.keras.layers import Dense",
    "model.save('best.keras')",
    "os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'",
    "os.environ.get('HOME', '/')",
    "os.environ.setdefault('CUDA_VISIBLE_DEVICES', '-1')",
    "from os import environ\nenviron['CUDA_VISIBLE_DEVICES'] = ''",
    "%env CUDA_VISIBLE_DEVICES=-1",
    "np.random.seed(0)\ntf.random.set_seed(0)",
    "environment = 'test'",
]


@pytest.mark.parametrize("source", COLD)
def test_a_cell_that_sets_what_counts_at_import_needs_an_interpreter_of_its_own(source: str) -> None:
    assert kernels.reads_at_import(source)


@pytest.mark.parametrize("source", WARM)
def test_other_cells_need_none(source: str) -> None:
    assert not kernels.reads_at_import(source)


def test_a_long_cell_is_read_in_little_time() -> None:
    began = time.process_time()
    for piece in ("environ[" + " " * 50, "%  ", "environ.get(  'a' ", "_", "TF_", "PYTHON"):
        kernels.reads_at_import(piece * (1024**2 // len(piece)))
    assert time.process_time() - began < 3.0


@pytest.mark.parametrize(
    ("sources", "warm", "way"),
    [
        (["import keras"], True, "forked"),
        (["import keras"], False, "started"),
        (["import os", "os.environ['KERAS_BACKEND'] = 'jax'"], True, "started"),
        ([], True, "forked"),
    ],
)
def test_one_cell_that_needs_it_is_enough_for_a_cold_start(
    sources: list[str],
    warm: bool,  # noqa: FBT001 - a table's column
    way: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ways = []
    monkeypatch.setattr(Kernel, "_fork", lambda _: ways.append("forked"))
    monkeypatch.setattr(Kernel, "_start", lambda _: ways.append("started"))
    Kernel(replace(job(tmp_path), warm=warm)).start(sources)
    assert ways == [way]


# --- a forked child, in the form of a started one ---------------------------------------------------------------


def sleep() -> None:
    time.sleep(60)


def leave(code: int) -> Callable[[], None]:
    def run() -> None:
        raise SystemExit(code)

    return run


@pytest.mark.parametrize("code", [0, 3])
def test_a_forked_process_that_has_ended_tells_its_exit_code_as_often_as_it_is_asked(code: int) -> None:
    process = Forked(keeper.fork(leave(code)))
    assert [process.wait(), process.poll(), process.wait()] == [code] * 3
    process.kill()  # what it was may be somebody else's number by now


def test_a_forked_process_lives_until_it_is_killed() -> None:
    process = Forked(keeper.fork(sleep))
    assert process.poll() is None
    process.kill()
    assert (process.wait(), process.poll()) == (-signal.SIGKILL, -signal.SIGKILL)


def test_a_forked_process_keeps_only_the_open_files_that_it_is_to_keep() -> None:
    def numbers() -> list[int]:
        opened = [os.dup(0) for _ in range(8)]
        kept = {0, 1, 2, opened[1], opened[2], opened[6]}
        pipe = os.pipe()
        pid = os.fork()
        if pid == 0:
            forked_kernel.close_all_but(kept | {pipe[1]})
            found = sorted(number for number in range(512) if is_open(number))
            os.write(pipe[1], repr(found == sorted(kept | {pipe[1]})).encode())
            os._exit(0)
        os.waitpid(pid, 0)
        return [int(os.read(pipe[0], 64) == b"True")]

    assert answer(numbers) == [1]


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
