"""Modules that notebooks from Colab import, and that are made for them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from forked import answer

from grader.inside.colab import gdown, google, modules, openml, tfds, torchvision, tpu, tqdm, widgets
from grader.inside.colab.given import Given
from grader.inside.colab.modules import Finder
from grader.inside.data import DataNotProvidedError


@pytest.fixture
def given(tmp_path: Path, mnist: Path) -> Given:
    (tmp_path / "work").mkdir()
    return Given(str(tmp_path / "work"), {"mnist.npz": str(mnist)})


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is imported and found during the test is forgotten afterwards."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    known = set(sys.modules)
    yield
    for name in set(sys.modules) - known:
        del sys.modules[name]


def members(module: str, given: Given) -> Any:
    return SimpleNamespace(**google.modules(given)[f"google.colab.{module}"]())


# --- finding -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fresh")
def test_what_is_installed_goes_before_what_is_made_for_it_and_colab_before_all() -> None:
    modules.install(
        first={"made_one": lambda: {"value": 1}, "made_one.below": lambda: {"value": 2}, "csv": dict},
        last={"json.tool": lambda: {"value": 3}, "made_two": lambda: {"value": 4}},
    )
    made: Any = importlib.import_module("made_one")
    assert (made.value, made.below.value) == (1, 2)
    assert importlib.import_module("made_two").value == 4
    assert not hasattr(importlib.import_module("json.tool"), "value")
    with pytest.raises(ModuleNotFoundError, match="'made_two' is not a package"):
        importlib.import_module("made_two.other")


@pytest.mark.usefixtures("fresh")
def test_the_modules_of_colab_are_there_after_one_import_of_any_of_them(given: Given) -> None:
    modules.install(first=google.modules(given), last={})
    drive: Any = importlib.import_module("google.colab.drive")
    colab: Any = importlib.import_module("google.colab")
    assert colab.drive is drive
    assert callable(colab.files.upload)
    assert importlib.import_module("google.protobuf")


def test_modules_that_nothing_is_made_for_are_left_to_others() -> None:
    assert Finder({"made": dict}).find_spec("json") is None


# --- google.colab ------------------------------------------------------------------------------------------


def test_a_drive_is_a_folder_with_the_assignments_data(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        members("drive", given).mount("/content/drive", force_remount=True)
    drive = Path(given.work, "drive")
    assert sorted(path.name for path in drive.iterdir()) == ["My Drive", "MyDrive"]
    assert sorted(path.name for path in (drive / "My Drive").iterdir()) == ["Colab Notebooks", "mnist.npz"]
    assert np.load(drive / "MyDrive" / "mnist.npz")["x_train"].shape == (256, 28, 28)
    assert capsys.readouterr().err.splitlines()[0] == (
        "grader: drive.mount('/content/drive') gives an empty folder: no Drive is connected while a notebook is "
        "graded. The assignment provides 'mnist.npz', in the working folder and in MyDrive."
    )


def test_a_drive_holds_copies_where_nobody_may_make_links(
    given: Given, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise OSError(22, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    monkeypatch.setattr(google, "os", SimpleNamespace(name="nt", fspath=os.fspath))
    for _ in range(2):
        members("drive", given).mount("/content/drive")
    drive = Path(given.work, "drive")
    assert sorted(path.name for path in drive.iterdir()) == ["MyDrive"]
    assert (drive / "MyDrive" / "mnist.npz").read_bytes() == Path(given.data["mnist.npz"]).read_bytes()
    assert "gives an empty folder: no Drive is connected" in capsys.readouterr().err


def test_a_drive_where_no_folder_can_be_made_is_told_and_no_error(
    given: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    members("drive", given).mount("/proc/drive")
    assert capsys.readouterr().err.startswith("grader: drive.mount('/proc/drive') does nothing: no folder can be")


def test_an_upload_says_what_there_is_instead(given: Given) -> None:
    with pytest.raises(google.UploadError) as caught:
        members("files", given).upload()
    assert str(caught.value) == (
        "files.upload() asks for a file, which nobody can choose while a notebook is graded. "
        "The assignment provides 'mnist.npz', in the working folder: read it from there."
    )


def test_a_download_is_of_a_file_that_exists(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    Path(given.work, "model.h5").touch()
    members("files", given).download("/content/model.h5")
    assert (
        capsys.readouterr().err == "grader: files.download('/content/model.h5') does nothing: there is no browser\n"
    )
    with pytest.raises(FileNotFoundError, match=r"Cannot find file: other\.h5"):
        members("files", given).download("other.h5")


def test_a_secret_is_not_there_as_where_it_was_never_set(given: Given) -> None:
    userdata = members("userdata", given)
    with pytest.raises(userdata.SecretNotFoundError, match="Secret key does not exist"):
        userdata.get("key")


QUIET = [(module, name) for module, names in google.QUIET.items() for name in names]


@pytest.mark.parametrize(("module", "name"), QUIET)
def test_what_does_nothing_says_so(
    module: str, name: str, given: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    assert getattr(members(module, given), name)("any", thing=1) is None
    shown = capsys.readouterr()
    assert (shown.out, shown.err.startswith(f"grader: {module}.{name}() does nothing: ")) == ("", True)


def test_tables_and_tags_show_what_they_are_given(given: Given) -> None:
    table = object()
    assert members("data_table", given).DataTable(table, include_index=False) is table
    with members("output", given).use_tags("some"):
        pass


@pytest.mark.parametrize("depth", [None, 3, 4])
def test_an_image_of_opencv_is_shown_with_its_colours_in_order(
    depth: int | None, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    image = np.zeros((2, 2, *([] if depth is None else [depth])))
    image[..., 0] = 300
    members("patches", given).cv2_imshow(image)
    pixels = np.asarray(shown[0])
    assert pixels.reshape(4, -1)[0].tolist() == {None: [255], 3: [0, 0, 255], 4: [0, 0, 255, 0]}[depth]


# --- data --------------------------------------------------------------------------------------------------


def test_openml_has_all_rows_with_those_to_train_with_first(given: Given) -> None:
    fetch = openml.modules(given)["sklearn.datasets"]()["fetch_openml"]
    found = fetch("mnist_784", version=1)
    with np.load(given.data["mnist.npz"]) as arrays:
        first, last = arrays["x_train"][0].reshape(-1), arrays["x_test"][-1].reshape(-1)
        labels = [str(label) for label in np.concatenate([arrays["y_train"], arrays["y_test"]])]
    assert found.data.shape == (320, 784)
    assert found["target"].tolist() == labels
    assert (found.data.columns[0], found.target.dtype.name) == ("pixel1", "category")
    assert found.data.iloc[0].tolist() == first.tolist()
    rows, target = fetch(data_id=554, return_X_y=True, as_frame=False)
    assert rows[-1].tolist() == last.tolist()
    assert target.tolist() == labels
    with pytest.raises(AttributeError):
        _ = found.nothing


def test_other_data_of_openml_is_refused_or_left_to_scikit_learn(given: Given) -> None:
    datasets = SimpleNamespace(fetch_openml=lambda *names, **_: names)
    openml.after_sklearn(given)(datasets)
    assert datasets.fetch_openml("iris") == ("iris",)
    assert datasets.fetch_openml("mnist_784", as_frame=False).data.shape == (320, 784)
    with pytest.raises(
        DataNotProvidedError, match=r"^fetch_openml\('iris'\) cannot be answered: .*load_data\(\)\.$"
    ):
        openml.fetch(given, None, "iris")


def test_data_that_the_assignment_does_not_list_is_refused(given: Given) -> None:
    with pytest.raises(DataNotProvidedError) as caught:
        openml.fetch(Given(given.work, {"a.csv": "/a.csv"}), None, "mnist_784")
    assert str(caught.value) == (
        "fetch_openml('mnist_784') cannot be answered: there is no network while a notebook is graded. "
        "The assignment provides 'a.csv'."
    )


@pytest.mark.slow
def test_tfds_gives_splits_in_the_shape_in_which_they_are_asked_for(given: Given) -> None:
    """In a child: TensorFlow settles its threads at the first tensor, for the whole process."""
    assert answer(lambda: _splits(given)) is None


def _splits(given: Given) -> None:
    load = tfds.modules(given)["tensorflow_datasets"]()["load"]
    as_numpy = tfds.as_numpy
    with np.load(given.data["mnist.npz"]) as arrays:
        images, labels = arrays["x_train"][..., None], arrays["y_train"]
    (train, test), info = load(
        "mnist", split=["train", "test"], as_supervised=True, with_info=True, shuffle_files=True
    )
    image, label = next(as_numpy(train))
    assert (image == images[0]).all()
    assert (label, len(train), len(test)) == (labels[0], 256, 64)
    assert info.features["label"].num_classes == 10
    assert info.splits["test"].num_examples == 64
    assert sorted(load("mnist")) == ["test", "train"]
    whole = as_numpy(load(name="mnist:3.*.*", split="train[:25%]+test[60:]", batch_size=-1))
    assert (whole["image"].shape, whole["label"].dtype) == ((68, 28, 28, 1), np.int64)
    assert (whole["image"][:64] == images[:64]).all()
    assert [len(each) for each in load("mnist", split=("train[-16:]", "all"), batch_size=16)] == [1, 20]
    with pytest.raises(ValueError, match="the split 'valid' of mnist is not known"):
        load("mnist", split="valid")


def test_other_data_of_tfds_is_refused_or_left_to_the_package(given: Given) -> None:
    package = SimpleNamespace(load=lambda name, **given: (name, given["split"]))
    tfds.after_tfds(given)(package)
    assert package.load("cifar10", split="train") == ("cifar10", "train")
    with pytest.raises(DataNotProvidedError, match=r"^tfds\.load\('cifar10'\) cannot be answered"):
        tfds.load(given, None, "cifar10")


def test_torchvision_finds_the_files_that_it_would_have_downloaded(given: Given, tmp_path: Path) -> None:
    class MNIST:
        raw_folder = str(tmp_path / "MNIST" / "raw")

        def download(self) -> None:
            raise DataNotProvidedError("elsewhere")

    class FashionMNIST(MNIST):
        pass

    torchvision.after_torchvision(given)(SimpleNamespace(MNIST=MNIST))
    MNIST().download()
    images = (tmp_path / "MNIST" / "raw" / "t10k-images-idx3-ubyte").read_bytes()
    assert images[:16] == bytes([0, 0, 8, 3, 0, 0, 0, 64, 0, 0, 0, 28, 0, 0, 0, 28])
    assert len(images) == 16 + 64 * 28 * 28
    assert len(list((tmp_path / "MNIST" / "raw").iterdir())) == 4
    with pytest.raises(DataNotProvidedError, match="elsewhere"):
        FashionMNIST().download()


def test_gdown_gives_what_is_listed_under_either_name(given: Given) -> None:
    assert (
        gdown.download(given, "https://x.example.org/mnist.npz", "/content/a.npz", quiet=True) == "/content/a.npz"
    )
    assert Path(given.work, "a.npz").read_bytes() == Path(given.data["mnist.npz"]).read_bytes()
    with pytest.raises(DataNotProvidedError, match=r"^gdown cannot fetch '1aBc': there is no network"):
        gdown.download(given, id="1aBc", output="other.csv")


# --- a TPU, bars and controls ------------------------------------------------------------------------------


def test_start_up_code_of_a_tpu_goes_on_without_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no TPU was found: there is no TPU where notebooks are graded"):
        tpu.refuse(object(), tpu="")
    assert capsys.readouterr().err == f"grader: {tpu.TOLD}\n"


def test_loops_with_bars_go_on_without_them(capsys: pytest.CaptureFixture[str]) -> None:
    made = tqdm.modules()["tqdm.notebook"]()
    bar = made["tqdm"](["a", "b"], desc="Epoch", leave=False)
    assert (list(bar), len(bar), bar.n, bool(bar)) == (["a", "b"], 2, 2, True)
    assert list(made["trange"](1, 3)) == [1, 2]
    with made["tqdm"](total=5) as bar:
        bar.set_postfix(loss=1.0)
        bar.set_description("x")
        bar.update(2)
    assert (bar.n, bar.total, bar.desc) == (2, 5, "x")
    made["tqdm"].write("said")
    assert capsys.readouterr().out == "said\n"


def test_controls_hold_what_they_begin_with() -> None:
    made = SimpleNamespace(**widgets.modules()["ipywidgets"]())
    begun = [
        made.IntSlider(value=3, min=0),
        made.FloatSlider(min=0.5),
        made.Dropdown(options=["a", "b"]),
        made.Dropdown(options=[("one", 1), ("two", 2)]),
        made.Dropdown(options={"one": 1}),
        made.Label("text"),
        made.VBox([made.Button()]),
    ]
    assert [each.value for each in begun] == [3, 0.5, "a", 1, 1, "text", None]
    begun[0].observe(print, names="value")
    with made.Output() as output:
        output.clear_output(wait=True)
    assert repr(begun[0]) == "IntSlider(value=3)"


@pytest.mark.parametrize(
    ("control", "value"),
    [
        ((0, 10), 5),
        ((0.0, 1.0, 0.1), 0.5),
        (["a", "b"], "a"),
        ({"a": 1}, 1),
        (True, True),
        (widgets.Widget(7), 7),
        ((), ()),
    ],
)
def test_interact_calls_its_function_once_with_what_the_controls_begin_with(control: Any, value: Any) -> None:
    seen: list[Any] = []

    def show(x: Any) -> None:
        seen.append(x)

    assert widgets.interact(show, x=control) is show
    assert seen == [value]


def test_interact_takes_defaults_and_decorates() -> None:
    seen: list[Any] = []

    def show(x: int = 2, y: str = "a") -> None:
        seen.append((x, y))

    widgets.interact(x=(0, 10))(show)(4)
    assert seen == [(2, "a"), (4, "a")]
    widgets.interact_manual(show)
    widgets.interactive(show, y=widgets.fixed("b"))
    assert seen[2:] == [(2, "b")]
