"""What a run may see: the system, the interpreter, what is handed in; and nothing that is worth hiding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.model import Device, Execution
from grader.sandbox import view
from grader.sandbox.view import Interpreter, View

NEEDED = [
    "bin",
    "compiler_compat",
    "etc",
    "include",
    "lib",
    "lib32",
    "lib64",
    "libexec",
    "nvvm",
    "pyvenv.cfg",
    "share",
    "ssl",
    "targets",
]  # of a prefix


def test_an_interpreter_needs_itself_and_some_folders_of_each_of_its_prefixes() -> None:
    facts = Interpreter("/course/venv/bin/python", ("/course/venv", "/course/venv", "/opt/python", "/opt/python"))
    prefixes = [f"/{prefix}/{name}" for prefix in ("course/venv", "opt/python") for name in NEEDED]
    assert view.of_interpreter(facts) == ("/course/venv/bin/python", *prefixes)


def test_a_prefix_that_is_the_root_folder_shows_nothing_of_it() -> None:
    assert view.of_interpreter(Interpreter("/bin/python", ("/",))) == ("/bin/python",)


def test_an_interpreter_is_asked_where_it_lives() -> None:
    prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    assert view.ask(sys.executable) == Interpreter(sys.executable, prefixes)


@pytest.mark.parametrize("program", ["/no/such/python", "/bin/true", "/bin/false", "/etc/passwd"])
def test_what_is_no_interpreter_is_our_trouble(program: str) -> None:
    with pytest.raises(GraderError, match=f"'{program}' could not be asked where it lives: .* `execution.python`"):
        view.ask(program)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """An interpreter that is reached by links to folders and to files, absolute and relative ones."""
    root = tmp_path.resolve()
    (root / "versions" / "3.11" / "bin").mkdir(parents=True)
    (root / "versions" / "3.11" / "bin" / "python3.11").touch()
    (root / "venv" / "bin").mkdir(parents=True)
    for link, target in {
        "current": "versions/3.11",
        "versions/3.11/bin/python3": "python3.11",
        "venv/bin/python": f"{root}/current/bin/python3",
        "venv/lib64": "lib",
        "circle": "circle",
    }.items():
        (root / link).symlink_to(target)
    return root


def test_paths_are_real_and_the_links_that_lead_there_are_told(installed: Path) -> None:
    python = str(installed / "venv/bin/python")
    assert reached(installed, python) == (
        ["versions/3.11/bin/python3.11"],
        [
            ("current", "versions/3.11"),
            ("venv/bin/python", "{root}/current/bin/python3"),
            ("versions/3.11/bin/python3", "python3.11"),
        ],
    )


def test_what_lies_below_something_shown_is_not_told_again(installed: Path) -> None:
    wanted = [str(installed / name) for name in ("venv/bin/python", "venv/bin", "current/bin", "venv/bin/../bin")]
    assert reached(installed, *wanted) == (["venv/bin", "versions/3.11/bin"], [("current", "versions/3.11")])


def test_what_is_missing_or_leads_in_a_circle_is_left_out(installed: Path) -> None:
    wanted = [str(installed / name) for name in ("missing", "circle", "venv/lib64", "venv/bin/python/x")]
    assert reached(installed, *wanted) == ([], [])


def reached(root: Path, *wanted: str) -> tuple[list[str], list[tuple[str, str]]]:
    """What `reach` finds, relative to `root`; links below /tmp, which is the sandbox's own, would be left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view, "OWN", ())
        read, links = view.reach(wanted)
    relative = [(str(Path(link).relative_to(root)), target.replace(str(root), "{root}")) for link, target in links]
    return [str(Path(path).relative_to(root)) for path in read], relative


def test_links_in_folders_that_are_the_sandboxs_own_are_not_made_there() -> None:
    read, links = view.reach(["/dev/stdin", "/proc/self"])
    assert links == ()
    assert len(read) == 2


paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))


@given(st.lists(paths))
def test_the_outermost_paths_cover_all_and_none_of_them_another(given_paths: list[str]) -> None:
    kept = view.outermost(given_paths)
    assert all(view.is_below(path, kept) for path in given_paths)
    assert not any(PurePosixPath(path).is_relative_to(other) for path in kept for other in kept if path != other)
    assert set(kept) <= set(given_paths)


def of(python: str, device: Device = Device.CPU) -> View:
    return view.of(python, device, Execution(scratch=123, scratch_files=45), Path("/run-of-one"))


def test_a_run_sees_the_system_but_nothing_that_tells_of_users_hosts_or_keys() -> None:
    seen = of(sys.executable)
    assert "/usr" in seen.read
    settings = {path for path in seen.read if path.startswith("/etc")}
    assert settings <= {f"/etc/{name}" for name in view.SETTINGS}
    hidden = [
        "passwd",
        "shadow",
        "group",
        "hosts",
        "hostname",
        "resolv.conf",
        "ssh",
        "sudoers",
        "machine-id",
        "ssl/private",
    ]
    outside = ["/", "/home", "/root", "/var", "/run", "/tmp", "/mnt", *(f"/etc/{name}" for name in hidden)]  # noqa: S108
    assert view.secrets_seen(seen, [Path(path) for path in outside]) == ()


def test_the_rest_of_the_view_follows_the_rubrics_limits_and_the_device() -> None:
    seen = of(sys.executable)
    assert (seen.scratch, seen.scratch_bytes, seen.scratch_files) == ("/scratch", 123, 45)
    assert (seen.shm_bytes, seen.handed) == (64 * 1024**2, "/run-of-one/work")
    assert seen.devices == ("/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero")
    assert [path for path in seen.read if path.startswith("/sys")] == ["/sys/devices/system/cpu"]
    assert "/sys" in of(sys.executable, Device.GPU).read


def test_of_grader_only_what_runs_inside_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "ask", lambda python: Interpreter(python, ("/usr",)))
    package = Path(view.__file__).parents[1]
    assert view.secrets_seen(of("/bin/sh"), sorted(package.iterdir())) == (package / "inside",)


def test_a_course_folder_that_is_a_venv_keeps_its_secrets(tmp_path: Path) -> None:
    course = tmp_path / "course"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", course], check=True)
    secrets = [course, course / "rubric.yaml", course / "reference", course / "submissions", course / "grades"]
    careless = course / "share" / "rubric.yaml"
    careless.parent.mkdir(exist_ok=True)
    careless.touch()
    (course / "aside").symlink_to("share")
    seen = of(str(course / "bin" / "python"))
    assert view.secrets_seen(seen, secrets) == ()
    assert view.secrets_seen(seen, [*secrets, careless]) == (careless,)
    assert view.secrets_seen(seen, [course / "aside" / "rubric.yaml"]) == (course / "aside" / "rubric.yaml",)


def test_packages_that_are_installed_by_reference_to_a_folder_are_not_seen(tmp_path: Path) -> None:
    course = tmp_path / "course"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", course], check=True)
    (packages,) = (course / "lib").glob("python3*/site-packages")
    (packages / "mine.pth").write_text(str(tmp_path / "mine"), "utf-8")
    (tmp_path / "mine").mkdir()
    assert view.secrets_seen(of(str(course / "bin" / "python")), [tmp_path / "mine"]) == ()


def test_of_the_library_path_only_folders_with_cudas_libraries_are_shown(tmp_path: Path) -> None:
    for name in ("cuda/libcudart.so.12", "driver/libnvidia-ml.so", "secrets/rubric.yaml", "other/libc.so"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    folders = [str(tmp_path / name) for name in ("cuda", "driver", "secrets", "other", "missing")]
    found = list(view.gpu_libraries({"LD_LIBRARY_PATH": os.pathsep.join(["", ".", *folders])}))
    assert found == folders[:2]
    assert list(view.gpu_libraries({})) == []
