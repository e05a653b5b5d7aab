"""Programs that reach for the network, magics, answers and `/content`, as notebooks from Colab use them."""

from __future__ import annotations

import getpass
import gzip
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import EXECUTION, RunNotebook
from hypothesis import given as generated
from hypothesis import strategies as st
from inside_job import job
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell

from grader.inside import job as jobs
from grader.inside.colab import answers, content, downloads, magics, packages, programs
from grader.inside.colab.downloads import STDOUT, Wish
from grader.inside.colab.given import Given
from grader.model import Status
from grader.sandbox import Layer

INSTALLED = {"numpy": "2.4.6", "tensorflow": "2.21.0", "keras": "3.15.1"}
ALONE = "nothing can be installed while a notebook is graded"
NO_TORCH = f"ERROR: 'torch' is not installed, and {ALONE}; use the packages that the assignment provides"
HERE = "numpy 2.4.6 is installed, and is used"


@pytest.fixture
def given(tmp_path: Path, mnist: Path) -> Given:
    (tmp_path / "work").mkdir()
    shutil.copy(mnist, tmp_path / "work" / "mnist.npz")
    return Given(str(tmp_path / "work"), {"mnist.npz": str(tmp_path / "work" / "mnist.npz")})


def version(name: str) -> str:
    return INSTALLED.get(name, "")


def test_a_script_takes_its_words_as_each_systems_shell_gives_them() -> None:
    words = ("C:/my python/python.exe", "start.py", "pip")
    assert programs.of_windows(words) == '@"C:/my python/python.exe" start.py pip %*\n'
    assert programs.of_shell(words) == "#!/bin/sh\nexec 'C:/my python/python.exe' start.py pip \"$@\"\n"


# --- pip ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "text", "code"),
    [
        ("install numpy", f"grader: {HERE}", 0),
        ("install -q -U numpy", f"grader: {HERE}", 0),
        ("-q install --index-url https://x.example.org numpy", f"grader: {HERE}", 0),
        ("install NumPy>=2", f"grader: {HERE}", 0),
        ("install numpy==1.19.5", f"grader: {HERE}; the version '==1.19.5' cannot be installed", 0),
        ("install numpy~~1", f"grader: {HERE}; the version '~~1' cannot be installed", 0),
        ("install tensorflow-gpu", "grader: tensorflow 2.21.0 is installed, and is used", 0),
        ("install keras[extra]", "grader: keras 3.15.1 is installed, and is used", 0),
        (
            "install tqdm",
            "grader: 'tqdm' is not installed; what notebooks use most of it is there all the same",
            0,
        ),
        (
            "install torch numpy",
            f"{NO_TORCH}\ngrader: {HERE}",
            1,
        ),
        (
            "install git+https://x.example.org/y.git",
            f"ERROR: 'git+https://x.example.org/y.git' cannot be fetched: {ALONE}, and there is no network",
            1,
        ),
        ("install", "grader: nothing was named to install", 0),
        ("uninstall -y numpy", "grader: nothing is uninstalled while a notebook is graded", 0),
        ("download numpy", f"ERROR: {ALONE}: there is no network", 1),
    ],
)
def test_pip_says_of_each_package_whether_it_is_there(words: str, text: str, code: int) -> None:
    assert packages.answer(words.split(), version) == packages.Answer(f"{text}\n", code)


@pytest.mark.parametrize("words", ["list", "--version", "freeze", ""])
def test_what_pip_can_do_by_itself_is_left_to_it(words: str) -> None:
    assert packages.answer(words.split(), version) is None


def test_requirements_in_a_file_are_answered_like_others(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("# mine\nnumpy>=1\n\n-i https://x.example.org\nkeras  # 2\n", "utf-8")
    told = packages.answer(["install", "-r", str(tmp_path / "r.txt")], version)
    assert told == packages.Answer(f"grader: {HERE}\ngrader: keras 3.15.1 is installed, and is used\n")
    missing = packages.answer(["install", "-r", "/nowhere.txt"], version)
    assert missing is not None
    assert missing.code == 1


@generated(st.lists(st.text(max_size=20), max_size=5))
def test_pip_answers_whatever_it_is_told(words: list[str]) -> None:
    told = packages.answer(["install", *words], version)
    assert told is None or told.code in (0, 1)


# --- wget, curl, gdown -------------------------------------------------------------------------------------

URL = "https://x.example.org/a/mnist.npz?download=1"


@pytest.mark.parametrize(
    ("command", "wished"),
    [
        (f"wget {URL}", [Wish(URL, "mnist.npz")]),
        (f"wget -q -nc {URL} -O data.npz", [Wish(URL, "data.npz")]),
        (f"wget -qO- {URL}", [Wish(URL, STDOUT)]),
        (f"wget --no-check-certificate {URL} -P data", [Wish(URL, "data/mnist.npz")]),
        (f"wget --output-document=x.npz {URL}", [Wish(URL, "x.npz")]),
        ("wget x.org/a.csv x.org/b.csv", [Wish("x.org/a.csv", "a.csv"), Wish("x.org/b.csv", "b.csv")]),
        (f"curl {URL}", [Wish(URL, STDOUT)]),
        (f"curl -sSLO {URL}", [Wish(URL, "mnist.npz")]),
        (f"curl -L -o m.npz {URL}", [Wish(URL, "m.npz")]),
        (f"curl {URL} --output m.npz", [Wish(URL, "m.npz")]),
        ("gdown 1aBc", [Wish("1aBc", "1aBc")]),
        ("gdown --id 1aBc -O mnist.npz", [Wish("1aBc", "mnist.npz")]),
        ("wget", []),
        ("wget -O", []),
    ],
)  # fmt: skip
def test_a_command_line_tells_what_is_wished_for_and_where(command: str, wished: list[Wish]) -> None:
    program, *words = command.split()
    assert downloads.wishes(program, words) == wished


@generated(st.sampled_from(["wget", "curl", "gdown"]), st.lists(st.text(max_size=20), max_size=5))
def test_any_command_line_tells_something_or_nothing(program: str, words: list[str]) -> None:
    downloads.wishes(program, words)


def test_what_is_listed_is_written_where_it_is_wished_for(given: Given, tmp_path: Path) -> None:
    original = Path(given.data["mnist.npz"]).read_bytes()
    assert programs.run("wget", [URL, "-P", f"{tmp_path}/deep/down"], given) == 0
    assert programs.run("curl", ["https://x.example.org/file?id=7", "-o", f"{tmp_path}/mnist.npz"], given) == 0
    assert programs.run("wget", [URL, "-O", given.data["mnist.npz"]], given) == 0
    for path in (tmp_path / "deep/down/mnist.npz", tmp_path / "mnist.npz", Path(given.data["mnist.npz"])):
        assert path.read_bytes() == original


@pytest.mark.parametrize(
    "name", ["train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte", "train-labels.idx1-ubyte"]
)
def test_the_files_of_the_original_site_are_made_from_the_assignments(
    name: str, given: Given, tmp_path: Path
) -> None:
    assert programs.run("wget", [f"http://x.example.org/{name}", "-O", f"{tmp_path}/{name}"], given) == 0
    found = (tmp_path / name).read_bytes()
    labels = gzip.decompress(found) if name.endswith(".gz") else found
    with np.load(given.data["mnist.npz"]) as arrays:
        assert labels == bytes([0, 0, 8, 1, 0, 0, 1, 0]) + arrays["y_train"].tobytes()


def test_what_is_not_listed_fails_at_once_with_what_there_is(
    given: Given, capfd: pytest.CaptureFixture[str]
) -> None:
    codes = [programs.run(name, ["https://x.example.org/o.csv"], given) for name in ("wget", "curl", "gdown")]
    assert codes == [4, 6, 1]
    assert capfd.readouterr().err.splitlines()[0] == (
        "ERROR: 'https://x.example.org/o.csv' cannot be fetched: there is no network while a notebook is graded. "
        "The assignment provides 'mnist.npz'."
    )


def test_a_place_that_cannot_be_written_and_a_command_that_is_not_known_are_told(
    given: Given, capfd: pytest.CaptureFixture[str]
) -> None:
    assert programs.run("wget", [URL, "-O", "/proc/x/y"], given) == 1
    assert programs.run("wget", ["--version"], given) == 2
    assert capfd.readouterr().err.splitlines() == [
        "ERROR: '/proc/x/y' cannot be written: No such file or directory",
        "grader: 'wget' was not told what to fetch, or in a way that is not known here",
    ]


def test_the_shell_finds_our_programs_before_its_own(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = job(tmp_path, data=dict(given.data))
    jobs.store(task)
    monkeypatch.setattr(os, "chmod", lambda *_, **__: None)  # as in the landlock layer
    monkeypatch.setenv("PATH", os.environ["PATH"])
    for name in programs.PIP:
        monkeypatch.setenv(name, "")
    programs.install(task)
    command = f"wget -q {URL} -O- | head -c 2 && pip install numpy==0 && pip install nothing-there; echo $?"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, check=False)
    assert done.stdout == b"PK1\n"
    said = done.stderr.decode().splitlines()
    assert [line.split(" is ")[0] for line in said] == [f"grader: numpy {np.__version__}", "ERROR: 'nothing-there'"]
    assert os.environ["PIP_NO_INDEX"] == "1"


# --- magics ------------------------------------------------------------------------------------------------


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    made: Any = InteractiveShell()  # type: ignore[no-untyped-call]  # IPython is typed in part
    made.history_manager.enabled = False
    made.system = lambda command: made.user_ns.setdefault("ran", []).append(command)
    magics.install(made)
    yield made
    made.restore_sys_module_state()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%tensorflow_version 2.x", "grader: %tensorflow_version does nothing: TensorFlow {tensorflow} is used\n"),
        (
            "%tensorflow_version 1.x",
            "grader: TensorFlow 1 is not there, nor in Colab any more; TensorFlow {tensorflow} is used\n",
        ),
        ("%pip install -q tensorflow", "grader: tensorflow {tensorflow} is installed, and is used\n"),
        ("%pip install 'x", 'grader: ERROR: "\'x" cannot be fetched: '),
        ("%pip list", "grader: '%pip list' is not known here; expected `%pip install`\n"),
        ("%conda install x", f"grader: %conda does nothing: {ALONE}\n"),
        (
            "%load_ext tensorboard\n%tensorboard --logdir logs",
            "grader: %tensorboard does nothing: there is no browser to show it in\n",
        ),
    ],
)
def test_magics_of_colab_say_what_they_do(
    cell: str, said: str, shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell(cell).success
    found = capsys.readouterr().err
    assert found.startswith(said.format(tensorflow=programs.version("tensorflow")))


def test_shell_cells_of_colab_are_run_by_the_shell(shell: Any) -> None:
    assert shell.run_cell("%%shell\nls\npwd").success
    assert shell.run_cell("%shell ls").success
    assert shell.user_ns["ran"] == ["\nls\npwd\n", "ls"]


@pytest.mark.parametrize(
    ("command", "run"),
    [
        ("python -m pip install x", "pip install x"),
        ("python3.11 -m pip install x", "pip install x"),
        (f"{sys.executable} -m pip install x; ls", "pip install x; ls"),
        ("cd x && python -m pip install y", "cd x && pip install y"),
        ("python -m pipx", "python -m pipx"),
        ("ipython -m pip", "ipython -m pip"),
        ("echo python", "echo python"),
    ],
)
def test_pip_as_a_module_is_pip(command: str, run: str) -> None:
    assert magics.by_program(command) == run


# --- answers -----------------------------------------------------------------------------------------------


def test_the_rubrics_answers_are_given_in_turn(capsys: pytest.CaptureFixture[str]) -> None:
    kernel: Any = SimpleNamespace()
    answers.install(kernel, ["7", "secret"])
    assert (kernel.raw_input("How many? "), kernel.getpass("Password: ")) == ("7", "secret")
    assert capsys.readouterr().out == "How many? 7\nPassword: \n"
    with pytest.raises(StdinNotImplementedError) as caught:
        kernel.raw_input()
    assert str(caught.value) == (
        "input() asks for something to be typed, and the assignment gives 2 answers, and all were used while a "
        "notebook is graded; write the value into the code"
    )


def test_without_answers_the_error_says_what_to_do() -> None:
    kernel: Any = SimpleNamespace()
    answers.install(kernel, [])
    with pytest.raises(StdinNotImplementedError) as caught:
        kernel.raw_input("x" * 50)
    assert str(caught.value) == (
        f"input('{'x' * 40}…') asks for something to be typed, and there is no keyboard while a notebook is "
        "graded; write the value into the code"
    )
    assert getpass.getpass is not kernel.getpass


# --- /content ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/content", "/w"),
        ("/content/", "/w"),
        ("/content/a/b.h5", "/w/a/b.h5"),
        ("/contents/a", "/contents/a"),
        ("content/a", "content/a"),
        ("/x/content/a", "/x/content/a"),
    ],
)
def test_paths_that_begin_with_colabs_folder_lead_to_the_working_folder(path: str, place: str) -> None:
    assert Given("/w").place(path) == place


@pytest.mark.parametrize(
    ("command", "run"),
    [
        ("ls /content", "ls /w"),
        ("unzip '/content/a.zip' -d /content/data;pwd", "unzip '/w/a.zip' -d /w/data;pwd"),
        ("cat x>/content/y", "cat x>/w/y"),
        ("ls ./content /x/content /contents ~/content", "ls ./content /x/content /contents ~/content"),
    ],
)
def test_lines_of_the_shell_are_led_there_too(command: str, run: str) -> None:
    assert content.in_shell(command, Given("/w")) == run


PROGRAM = """
import glob, os, shutil, sys
from pathlib import Path
from grader.inside.colab import content
from grader.inside.colab.given import Given
from grader.inside.pristine import Snapshot
snapshot = Snapshot()
content.install(Given({work!r}))
import h5py, numpy as np, pandas as pd
from IPython.core.interactiveshell import _modified_open
os.makedirs("/content/a/b", exist_ok=True)
os.chdir("/content/a")
with open("/content/a/x.txt", "w") as file:
    file.write("said")
_modified_open("/content/a/y.txt", mode="w").close()
Path("/content/z.txt").write_text("z", "utf-8")
np.save("/content/array.npy", np.arange(3))
pd.DataFrame({{"a": [1]}}).to_csv("/content/table.csv")
shutil.copy("/content/z.txt", "/content/a/copy.txt")
os.rename("/content/z.txt", "/content/moved.txt")
print(os.getcwd() == os.path.realpath({work!r} + "/a"), os.path.exists("/content/a/x.txt"), open("x.txt").read())
print(sorted(os.listdir("/content")), sorted(map(os.path.basename, glob.glob("/content/a/*.txt"))))
print(np.load("/content/array.npy").tolist(), list(pd.read_csv("/content/table.csv").columns))
print(Path("/content/a/b").is_dir(), len(list(Path("/content").iterdir())))
with h5py.File("/content/a/b/c.h5", "w") as file:
    file["x"] = [1]
shutil.rmtree("/content/a/b")
print(os.path.exists("/content/a/b"), [names for _, names, _ in os.walk("/content")][0])
try:
    open("/content/no/such")
except FileNotFoundError:
    print("missing", repr(snapshot.changed()))
"""


def test_without_mounts_python_opens_colabs_paths_in_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    program = PROGRAM.format(work=str(tmp_path / "work"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "True True said",
        "['a', 'array.npy', 'moved.txt', 'table.csv'] ['copy.txt', 'x.txt', 'y.txt']",
        "[0, 1, 2] ['Unnamed: 0', 'a']",
        "True 4",
        "False ['a']",
        "missing ''",
    ], done.stderr
    assert (tmp_path / "work" / "a" / "x.txt").read_text("utf-8") == "said"


CELL = """\
%cd /content
import os
print(open('/content/x.txt', 'w').write('a'), sorted(os.listdir('/content')))
!cp /content/x.txt /content/y.txt; pip install nothing-there | wc -l; wget -q https://x.org/mnist.npz -O /content/z
!{__import__('sys').executable} -m pip install -q numpy
print(sorted(os.listdir()), os.path.samefile('/content', '.'), len(input('Name? ')))
"""


@pytest.mark.slow
def test_a_kernel_has_all_of_it_in_every_layer(
    walls: list[Layer], notebook: Callable[..., Path], run_notebook: RunNotebook, mnist: Path
) -> None:
    execution = replace(EXECUTION, answers=("Ada",))
    for layer in walls:
        ran = run_notebook(notebook(CELL), execution, datasets={"mnist.npz": mnist}, layer=layer).told
        assert ran.ended is Status.GRADED, ran.reason
        lines = ran.cells[0].text.splitlines()
        assert [lines[1], lines[-1]] == [
            "1 ['mnist.npz', 'x.txt']",
            "['mnist.npz', 'x.txt', 'y.txt', 'z'] True 3",
        ]
        said = ("ERROR: 'nothing-there' is not installed", "is the file that the assignment provides", "numpy ")
        assert [text for text in said if text not in ran.cells[0].text] == []


def test_other_things_than_paths_pass() -> None:
    opened: Callable[..., Any] = content._led(io.open, Given("/w"), paths=1)
    reading, writing = os.pipe()
    with opened(writing, "w") as file:
        file.write("x")
    assert os.read(reading, 2) == b"x"
    os.close(reading)
    with pytest.raises(TypeError):
        opened(1.5)
    assert content._path(Path("/w/x"), Given("/w")) == Path("/w/x")
    assert content._path(Path("/content/x"), Given("/w")) == "/w/x"
    assert content._path(b"/content", Given("/w")) == b"/content"
