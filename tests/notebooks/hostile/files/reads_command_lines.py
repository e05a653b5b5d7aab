# title: reads the command line of every process
# status: graded
# with: attempt
# %%
import os

try:
    numbers = [name for name in os.listdir("/proc") if name.isdigit()]
except OSError:
    numbers = [str(number) for number in range(1, 5000)] + ["@victim@"]
for number in numbers:
    try:
        print(number, open(f"/proc/{number}/cmdline").read())
    except OSError:
        pass
attempt("victim's command line", lambda: open("/proc/@victim@/cmdline").read())
attempt("victim's status", lambda: open("/proc/@victim@/status").read())
attempt("victim's folder", lambda: os.readlink("/proc/@victim@/cwd"))
