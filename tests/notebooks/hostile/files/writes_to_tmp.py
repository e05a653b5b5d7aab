# title: leaves files in /tmp
# status: graded
# %%
import contextlib

with contextlib.suppress(OSError):
    with open("/tmp/@marker@-left", "x") as file:
        file.write("left by a test")
print("tried")
