# title: prints one line without end
# status: output_limit
# %%
import time

until = time.monotonic() + 60
while time.monotonic() < until:
    print("x" * 9999, end="")
