"""Runs that begin as forks of a warm process: like those of new interpreters, and strangers to one another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest
from conftest import EXECUTION

from grader import evidence, sandbox
from grader.model import Device, Evidence, Execution, Isolation, Status
from grader.sandbox import Aids, Layer, Task, Warm

pytestmark = pytest.mark.slow

FIT = """
    import keras
    import numpy as np
    np.random.seed(0)
    x = np.random.rand(64, 5)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(6), keras.layers.Dropout(0.5)])
    model.add(keras.layers.Dense(1))
    model.summary()
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(x, x[:, :1], epochs=2, batch_size=16, validation_split=0.25, verbose=0)
    print(history.history)
    print([float(np.asarray(weight.value, "float64").sum()) for weight in model.weights])
"""
SHOWS = """
    import random, sys
    import matplotlib.pyplot as plt
    import numpy as np
    import pandas as pd
    import tensorflow as tf
    print(random.random(), np.random.rand(), tf.random.uniform((2,)).numpy().tolist(), hash("text"))
    print(pd.DataFrame({"a": [1, 2]}))
    print("to stderr", file=sys.stderr)
    plt.plot([1, 2])
    plt.show()
    print(plt.get_backend(), plt.rcParams["figure.dpi"])
"""
# What one submission could leave to the next, by name, as far as it can be seen from inside. Names that would make
# a notebook start cold are put together from pieces.
REPORT = """
    import sys
    forked = "tensorflow" in sys.modules
    import atexit, builtins, decimal, gc, glob, hashlib, json, locale, os, pathlib, random, resource, signal, sys
    import tempfile, threading, time, warnings
    import keras, numpy as np, pandas as pd, matplotlib, tensorflow as tf

    def listing(folder):
        return sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*"))

    def text(path):
        return path.read_text() if path.is_file() else None

    home = pathlib.Path.home()
    report = {
        "forked": forked,
        "libraries": sys.modules["_grader_inside.pristine"].taken().changed(),
        "modules": hashlib.sha256(repr(sorted(sys.modules)).encode()).hexdigest(),
        "poisoned": sorted(name for name in sys.modules if "poison" in name),
        "builtins": sorted(vars(builtins)),
        "path": sys.path,
        "finders": sorted(getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path),
        "environment": dict(getattr(os, "env" + "iron")),
        "folder": os.getcwd(),
        "work": sorted(os.listdir(".")),
        "tmp": [name for name in listing(tempfile.gettempdir()) if "poison" in name],
        "tempfile": tempfile.gettempdir(),
        "home": [name for name in listing(home) if "poison" in name],
        "settings": text(home / ("." + "keras") / ("keras" + ".json")),
        "shm": listing("/dev/shm"),
        "signals": {name.name: repr(signal.getsignal(name)).split(" at 0x")[0] for name in signal.Signals},
        "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "alarm": signal.getitimer(signal.ITIMER_REAL),
        "atexit": atexit._ncallbacks(),
        "warnings": len(warnings.filters),
        "locale": locale.setlocale(locale.LC_ALL),
        "umask": (os.umask(0o22), os.umask(0o22))[0],
        "limits": [resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT_" in name],
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "cores": sorted(os.sched_getaffinity(0)),
        "python": random.random(),
        "numpy": np.random.rand(),
        "recursion": sys.getrecursionlimit(),
        "interval": sys.getswitchinterval(),
        "digits": sys.get_int_max_str_digits(),
        "gc": [gc.isenabled(), gc.get_threshold(), gc.get_debug(), len(gc.callbacks)],
        "threads": sorted(type(thread).__name__ for thread in threading.enumerate()),
        "excepthook": [sys.excepthook.__module__, threading.excepthook.__module__, sys.displayhook is not None],
        "tracing": [sys.gettrace() is None, sys.getprofile() is None],
        "decimal": str(decimal.getcontext()),
        "numpy errors": np.geterr(),
        "numpy print": np.get_printoptions(),
        "pandas": pd.get_option("display.max_rows"),
        "matplotlib": [matplotlib.rcParams["figure.figsize"], matplotlib.get_backend()],
        "matplotlib's folders": [matplotlib.get_configdir(), matplotlib.get_cachedir()],
        "keras": [keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format()],
        "objects": sorted(keras.saving.get_custom_objects()),
        "names": [keras.layers.Dense(1).name for _ in range(2)],
        "eager": [tf.config.functions_run_eagerly(), tf.executing_eagerly()],
        "tf": tf.random.uniform((1,)).numpy().tolist(),
        "processes": [name for name in glob.glob("/proc/[0-9]*/cmdline") if b"poison" in open(name, "rb").read()],
    }
    print(json.dumps(report, default=str))
"""
FORKED = "import sys\nprint('tensorflow' in sys.modules)"
# Each line of the poison stands alone, so that one that is forbidden in some layer keeps none of the others away.
POISON = """
    import keras, numpy as np, pandas as pd, matplotlib, tensorflow as tf
    import atexit, builtins, decimal, gc, json, locale, os, pathlib, random, resource, signal, subprocess, sys
    import tempfile, threading, time, types, warnings
    home = pathlib.Path.home()
    settings = home / ("." + "keras") / ("keras" + ".json")
    poison = '''
    keras.layers.Dense.call = keras.Sequential.fit = np.sum = lambda *args, **kwargs: 0
    random.random = np.random.rand = lambda: 0.5
    sys.modules["poisoned"] = sys.modules["pickle"] = types.ModuleType("poisoned")
    del sys.modules["csv"]
    builtins.poisoned = 1
    sys.path.insert(0, "/poisoned")
    sys.meta_path.append(types.SimpleNamespace(__name__="poisoned", find_spec=lambda *_: None))
    os.environ["POISONED"] = "1"; os.environ["USER"] = "poisoned"
    pathlib.Path("poisoned").write_text("x")
    pathlib.Path(tempfile.gettempdir(), "poisoned").write_text("x")
    tempfile.tempdir = os.path.join(tempfile.gettempdir(), ".")
    (home / ".cache").mkdir(exist_ok=True); (home / ".cache" / "poisoned").write_text("x")
    settings.write_text('{"floatx": "float16"}')
    SHM and pathlib.Path("/dev/shm/poisoned").write_text("x")
    signal.signal(signal.SIGUSR1, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    signal.setitimer(signal.ITIMER_REAL, 3600.0)
    atexit.register(print)
    warnings.simplefilter("error"); warnings.simplefilter("always")
    locale.setlocale(locale.LC_ALL, "C")
    os.umask(0o777)
    resource.setrlimit(resource.RLIMIT_NOFILE, (77, 77)); resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
    os.setpriority(os.PRIO_PROCESS, 0, 7)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sys.setrecursionlimit(500)
    sys.setswitchinterval(0.1)
    sys.set_int_max_str_digits(1000)
    gc.disable(); gc.set_threshold(7); gc.callbacks.append(lambda *_: None)
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    sys.excepthook = threading.excepthook = lambda *_: None
    sys.setprofile(lambda *_: None)
    decimal.getcontext().prec = 3
    np.seterr(all="ignore"); np.set_printoptions(precision=1)
    pd.set_option("display.max_rows", 3)
    matplotlib.rcParams["figure.figsize"] = (1, 1); matplotlib.get_configdir = lambda: "/poisoned"
    keras.config.set_floatx("float64"); keras.config.set_epsilon(0.5)
    keras.saving.get_custom_objects()["poisoned"] = print
    keras.layers.Dense(1)
    tf.config.run_functions_eagerly(True); tf.random.set_seed(77)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "poisoned"], start_new_session=True)
    os.chdir("/")
    '''
"""
ACTS = """
    failed = {}
    for line in dedented(poison):
        try:
            exec(line)
        except Exception as error:
            failed[line] = repr(error)
    print(json.dumps(failed))
"""
DEDENTED = "def dedented(text):\n    return [line.strip() for line in text.splitlines() if line.strip()]"
KILLS_PARENT = """
    import os, signal, time
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
"""
SETS_WHAT_IS_READ_AT_IMPORT = """
    import os, sys
    started_with = "keras" in sys.modules
    os.makedirs(os.path.expanduser("~/.keras"), exist_ok=True)
    with open(os.path.expanduser("~/.keras/keras.json"), "w") as file:
        file.write('{"floatx": "float64", "epsilon": 0.25, "image_data_format": "channels_first"}')
    os.environ["KERAS_BACKEND"], os.environ["KERAS_MAX_EPOCHS"] = "tensorflow", "3"
    import keras
    print(started_with, keras.config.max_epochs(), keras.config.floatx(), keras.config.epsilon())
    print(keras.config.image_data_format())
"""
GRADER = """
    import os, signal, sys
    from pathlib import Path
    from grader import sandbox
    from grader.model import Device, Execution, Isolation
    layer = sandbox.Layer(Isolation.NONE)
    task = sandbox.Task(Path("none.ipynb"), {}, Execution(python=sys.argv[1]), Device.CPU, 1, 0, layer)
    with sandbox.warm(task) as warm:
        print(warm._process.pid, warm.fault, flush=True)
        signal.pause()
"""


def cell(source: str) -> str:
    return dedent(source).strip()


@pytest.fixture(scope="module")
def task(layer: Layer) -> Task:
    """Its notebook is to be replaced."""
    return Task(Path("none.ipynb"), {}, EXECUTION, Device.CPU, threads=1, seed=0, layer=layer)


@pytest.fixture(scope="module")
def warm(task: Task) -> Iterator[Warm]:
    with sandbox.warm(task) as started:
        assert started.fault == ""
        yield started


def told(left: sandbox.Exit) -> Evidence:
    assert left.evidence is not None, left
    return replace(evidence.decode(left.evidence), seconds=0.0)


def texts(left: sandbox.Exit) -> list[str]:
    return [each.text for each in told(left).cells]


# --- the same evidence, warm and cold ----------------------------------------------------------------------------


def test_a_run_gives_the_same_evidence_to_the_last_digit_warm_and_cold_in_each_layer(
    warm: Warm, walls: list[Layer], task: Task, notebook: Callable[..., Path]
) -> None:
    path = notebook(cell(SHOWS), cell(FIT), "\n\n1 / 0", "print('never run')")
    for layer in walls:
        given = replace(task, notebook=path, layer=layer)
        assert warm.takes(given)
        cold, forked = sandbox.run(given), sandbox.run(given, Aids(warm=warm))
        assert (told(forked), warm.fault) == (told(cold), ""), layer
        assert forked.isolation == layer.isolation.value
        assert (told(forked).ended, len(told(forked).observed.fits)) == (Status.NOTEBOOK_ERROR, 1)
    assert len(walls) >= 1


def test_what_can_be_seen_of_a_forked_process_is_as_in_a_new_one(
    reports: dict[str, dict[str, Any]],
) -> None:
    different = {"forked", "modules", "limits"}  # what has been imported, and room for it; nothing that it has set
    clean, cold = reports["first"], reports["cold"]
    assert (clean["forked"], cold["forked"]) == (True, False)
    assert {name for name in clean if clean[name] != cold[name]} == different


# --- nothing passes from one submission to the next --------------------------------------------------------------


@pytest.fixture(scope="module")
def reports(task: Task, notebook: Callable[..., Path]) -> dict[str, dict[str, Any]]:
    """What a submission sees: the first of a warm process, one that has spoiled all, the next, a cold one."""
    shm = task.layer.isolation is Isolation.BUBBLEWRAP  # elsewhere it is not private
    clean = replace(task, notebook=notebook(cell(REPORT)))
    spoils = replace(task, notebook=notebook(f"SHM = {shm}", DEDENTED, cell(POISON), cell(ACTS), cell(REPORT)))
    with sandbox.warm(task) as warm:
        first = sandbox.run(clean, Aids(warm=warm))
        spoilt = sandbox.run(spoils, Aids(warm=warm))
        following = sandbox.run(clean, Aids(warm=warm))
    assert json.loads(texts(spoilt)[3]) == {}
    runs = {"first": first, "spoilt": spoilt, "next": following, "cold": sandbox.run(clean)}
    return {name: json.loads(texts(left)[-1]) for name, left in runs.items()}


def test_what_one_submission_spoils_the_next_finds_as_the_first_did(reports: dict[str, dict[str, Any]]) -> None:
    first, spoilt = reports["first"], reports["spoilt"]
    one_core = {"cores"} if len(first["cores"]) == 1 else set()
    untouched = {name for name in first if first[name] == spoilt[name]}
    assert untouched <= {"forked", "shm"} | one_core, "the poison has no effect any more"
    assert reports["next"] == first


def test_a_submission_that_kills_its_parent_and_itself_harms_no_other(
    warm: Warm, walls: list[Layer], task: Task, notebook: Callable[..., Path]
) -> None:
    kills, after = notebook(cell(KILLS_PARENT)), notebook(FORKED)
    for layer in walls:
        ended = sandbox.run(replace(task, notebook=kills, layer=layer), Aids(warm=warm))
        assert ended.ended or told(ended).ended is not Status.GRADED
        following = sandbox.run(replace(task, notebook=after, layer=layer), Aids(warm=warm))
        assert (texts(following), warm.fault) == (["True\n"], "")


def test_submissions_that_run_at_once_see_nothing_of_each_other(
    warm: Warm, task: Task, notebook: Callable[..., Path]
) -> None:
    source = """
        import os, time
        from pathlib import Path
        Path("mine").write_text(NAME)
        Path.home().joinpath("mine").write_text(NAME)
        time.sleep(1.0)
        print(Path("mine").read_text(), Path.home().joinpath("mine").read_text(), sorted(os.listdir(".")))
    """
    paths = {name: notebook(f"NAME = '{name}'", cell(source)) for name in ("ann", "bob", "cem")}
    found: dict[str, str] = {}

    def run(name: str, path: Path) -> None:
        found[name] = texts(sandbox.run(replace(task, notebook=path), Aids(warm=warm)))[1]

    threads = [threading.Thread(target=run, args=one) for one in paths.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: f"{name} {name} ['mine']\n" for name in paths}


def test_memory_that_processes_share_counts_once(warm: Warm, task: Task, notebook: Callable[..., Path]) -> None:
    source = """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                time.sleep(1.0)
                os._exit(0)
        time.sleep(1.0)
        print("done")
    """
    execution = replace(task.execution, memory=1024**3)  # each of them has imported TensorFlow
    given = replace(task, notebook=notebook(cell(source)), execution=execution)
    assert texts(sandbox.run(given, Aids(warm=warm))) == ["done\n"]


# --- what starts cold --------------------------------------------------------------------------------------------


def test_a_notebook_that_sets_what_is_read_at_import_gets_it(
    warm: Warm, task: Task, notebook: Callable[..., Path]
) -> None:
    given = replace(task, notebook=notebook(cell(SETS_WHAT_IS_READ_AT_IMPORT)))
    assert texts(sandbox.run(given, Aids(warm=warm))) == ["False 3 float64 0.25\nchannels_first\n"]


def test_only_tasks_under_the_conditions_of_the_imports_are_taken(warm: Warm, task: Task) -> None:
    other = replace(task.execution, python="/usr/bin/other")
    refused: list[dict[str, Any]] = [
        {"seed": 1},
        {"threads": 2},
        {"device": Device.GPU},
        {"execution": other},
        {"layer": Layer(Isolation.BUBBLEWRAP, bwrap=Path("/usr/bin/bwrap"))},
    ]
    taken: list[dict[str, Any]] = [
        {"execution": replace(task.execution, timeout=1.0, memory=1)},
        {"mix": 7, "max_epochs": 1, "deterministic": False, "datasets": {"a": Path("a")}},
        {"layer": Layer(Isolation.LANDLOCK)},
        {"layer": Layer(Isolation.NONE, drops=False)},
        {"program": "train"},
    ]
    assert [warm.takes(replace(task, **changes)) for changes in refused] == [False] * len(refused)
    assert [warm.takes(replace(task, **changes)) for changes in taken] == [True] * len(taken)


def test_a_task_that_is_not_taken_runs_in_a_new_interpreter(
    warm: Warm, task: Task, notebook: Callable[..., Path]
) -> None:
    given = replace(task, notebook=notebook(FORKED))
    assert texts(sandbox.run(given, Aids(warm=warm))) == ["True\n"]
    assert texts(sandbox.run(replace(given, seed=1), Aids(warm=warm))) == ["False\n"]


# --- warm processes that fail, and that end ----------------------------------------------------------------------


def interpreter(folder: Path, **modules: str) -> Path:
    """One that finds these modules before all others."""
    (folder / "first").mkdir()
    for name, source in modules.items():
        (folder / "first" / f"{name}.py").write_text(source, "utf-8")
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nPYTHONPATH={folder}/first exec {sys.executable} "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


def test_runs_go_on_cold_when_the_warm_process_is_killed(task: Task, notebook: Callable[..., Path]) -> None:
    given = replace(task, notebook=notebook(FORKED))
    with sandbox.warm(task) as started:
        assert texts(sandbox.run(given, Aids(warm=started))) == ["True\n"]
        os.kill(started._process.pid, signal.SIGKILL)
        assert texts(sandbox.run(given, Aids(warm=started))) == ["False\n"]
        assert started.fault.startswith("it did not answer: ") or started.fault.startswith("it does not listen: ")
        assert not started.takes(given)


def test_a_warm_process_whose_imports_fail_says_so_and_runs_go_on_cold(
    task: Task, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    python = interpreter(tmp_path, tensorflow="raise ImportError('libcudart.so is missing')")
    execution = replace(task.execution, python=str(python))
    given = replace(task, notebook=notebook("print('ran')"), execution=execution)
    with sandbox.warm(given) as started:
        assert started.fault == "the imports failed: ImportError: libcudart.so is missing"
        assert not started.takes(given)
        assert texts(sandbox.run(given, Aids(warm=started))) == ["ran\n"]


def test_imports_that_start_threads_cannot_be_forked(task: Task, tmp_path: Path) -> None:
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    python = interpreter(tmp_path, tensorflow=source, keras="")
    with sandbox.warm(replace(task, execution=Execution(python=str(python)))) as started:
        assert started.fault.startswith("the imports failed: ")


def test_the_warm_process_ends_with_the_grader_however_that_ends(tmp_path: Path) -> None:
    grader = subprocess.Popen(
        [sys.executable, "-c", cell(GRADER), sys.executable],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert grader.stdout is not None
    pid, _, fault = grader.stdout.readline().strip().partition(" ")
    warm = psutil.Process(int(pid))
    assert (fault, warm.is_running()) == ("", True)
    grader.kill()
    grader.wait()
    assert psutil.wait_procs([warm], timeout=10.0)[1] == []


def test_a_warm_process_is_ended_with_its_context(warm: Warm, task: Task) -> None:
    with sandbox.warm(replace(task, execution=Execution(python=sys.executable))) as started:
        pid, began = started._process.pid, time.monotonic()
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
    assert time.monotonic() - began < 10.0
    assert psutil.pid_exists(warm._process.pid)
