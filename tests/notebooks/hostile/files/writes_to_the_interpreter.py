# title: adds modules to the interpreter and to the grader
# status: graded
# with: attempt
# %%
import os

for folder in ("@site_packages@", "@inside@", os.path.dirname(os.__file__), "/usr/local/lib", "/usr/lib/python3"):
    attempt(folder, lambda: open(f"{folder}/@marker@.pth", "x").write("# left by a test\n"))
for path in (os.__file__, "@inside@/start.py", "@inside@/harness.py", "/bin/sh", "/usr/bin/env"):
    attempt(path, lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
