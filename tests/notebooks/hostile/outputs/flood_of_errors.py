# title: writes to stderr without end
# status: output_limit
# %%
import sys
import time

until = time.monotonic() + 60
while time.monotonic() < until:
    sys.stderr.write("e" * 999 + "\n")
