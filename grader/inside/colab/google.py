"""The modules of `google.colab`: most do nothing here, and say so."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from .given import Given
from .modules import Make, Members
from .words import say

ALONE = "while a notebook is graded"
# What does nothing, by its module, and why that is so.
QUIET: Mapping[str, Mapping[str, str]] = {
    "auth": {
        "authenticate_user": f"nobody can sign in {ALONE}",
        "authenticate_service_account": f"nobody can sign in {ALONE}",
    },
    "drive": {"flush_and_unmount": "no Drive is connected"},
    "output": {
        "clear": "what a notebook has shown stays",
        "enable_custom_widget_manager": "widgets are not shown",
        "disable_custom_widget_manager": "widgets are not shown",
        "eval_js": "there is no browser; None is returned",
        "no_vertical_scroll": "there is no browser",
        "register_callback": "there is no browser",
        "serve_kernel_port_as_iframe": "there is no browser",
        "serve_kernel_port_as_window": "there is no browser",
    },
    "data_table": {
        "enable_dataframe_formatter": "tables are shown as pandas shows them",
        "disable_dataframe_formatter": "tables are shown as pandas shows them",
        "load_ipython_extension": "tables are shown as pandas shows them",
        "unload_ipython_extension": "tables are shown as pandas shows them",
    },
    "runtime": {"unassign": f"the kernel is needed {ALONE}"},
    "syntax": {},
    "widgets": {},
}


class UploadError(OSError):
    """Raised in the student's kernel: there is nobody to choose a file."""


class SecretNotFoundError(Exception):
    """As Colab's own."""


class NotebookAccessError(Exception):
    """As Colab's own."""


class TimeoutException(Exception):  # noqa: N818 - Colab's own name
    """As Colab's own."""


def modules(given: Given) -> dict[str, Make]:
    special: dict[str, Members] = {
        "drive": {"mount": partial(mount, given)},
        "files": {
            "upload": partial(upload, given),
            "download": partial(download, given),
            "view": partial(view, given),
        },
        "userdata": {
            "get": secret,
            "SecretNotFoundError": SecretNotFoundError,
            "NotebookAccessError": NotebookAccessError,
            "TimeoutException": TimeoutException,
        },
        "output": {"use_tags": in_place, "redirect_to_element": in_place},
        "data_table": {"DataTable": table},
        "patches": {"cv2_imshow": cv2_imshow},
    }
    names = sorted(QUIET.keys() | special.keys())
    made = {name: _quiet(name) | dict(special.get(name, {})) for name in names}
    below = {f"google.colab.{name}": partial(dict[str, Any], members) for name, members in made.items()}
    return {"google.colab": dict, **below}


def _quiet(module: str) -> dict[str, Any]:
    return {name: _silent(f"{module}.{name}", why) for name, why in QUIET.get(module, {}).items()}


def _silent(name: str, why: str) -> Callable[..., None]:
    def silent(*_: Any, **__: Any) -> None:
        say(f"{name}() does nothing: {why}")

    return silent


def mount(given: Given, mountpoint: str, *_: Any, **__: Any) -> None:
    """An empty Drive with the folders that every Drive has, and the assignment's data in it."""
    drive = Path(given.place(os.fspath(mountpoint))) / "MyDrive"
    try:
        (drive / "Colab Notebooks").mkdir(parents=True, exist_ok=True)
        _link(drive.with_name("My Drive"), drive.name)
        for name, file in given.data.items():
            _link(drive / name, file)
    except OSError as error:
        say(f"drive.mount('{mountpoint}') does nothing: no folder can be made there ({error.strerror})")
        return
    say(
        f"drive.mount('{mountpoint}') gives an empty folder: no Drive is connected {ALONE}. "
        f"The assignment provides {given.provides()}, in the working folder and in MyDrive."
    )


def _link(place: Path, target: str) -> None:
    try:
        place.symlink_to(target)
    except FileExistsError:
        return
    except OSError:
        if os.name == "posix":
            raise
        if Path(target).is_file():  # on Windows not everybody may make links
            shutil.copyfile(target, place)


def upload(given: Given, *_: Any, **__: Any) -> dict[str, bytes]:
    raise UploadError(
        f"files.upload() asks for a file, which nobody can choose {ALONE}. "
        f"The assignment provides {given.provides()}, in the working folder: read it from there."
    )


def download(given: Given, filename: str) -> None:
    if not Path(given.place(os.fspath(filename))).exists():
        raise FileNotFoundError(f"Cannot find file: {filename}")
    say(f"files.download('{filename}') does nothing: there is no browser")


def view(given: Given, filepath: str) -> None:
    download(given, filepath)


def secret(key: str) -> str:
    raise SecretNotFoundError(f"Secret {key} does not exist: the secrets of a Colab account are not there {ALONE}")


@contextlib.contextmanager
def in_place(*_: Any, **__: Any) -> Any:
    """Shows what is shown within, where it stands."""
    yield


def table(dataframe: Any, *_: Any, **__: Any) -> Any:
    """The data frame itself, which shows as a table."""
    return dataframe


def cv2_imshow(image: Any) -> None:
    """OpenCV's order of colours, blue first."""
    import numpy as np
    from IPython.display import display
    from PIL import Image

    array = np.asarray(image).clip(0, 255).astype("uint8")
    if array.ndim == 3 and array.shape[2] >= 3:  # noqa: PLR2004 - colours; a fourth is how opaque it is
        array = array[..., [2, 1, 0, *range(3, array.shape[2])]]
    display(Image.fromarray(array))  # type: ignore[no-untyped-call]  # IPython is typed in part
