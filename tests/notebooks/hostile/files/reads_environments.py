# title: reads the environment of every process
# status: graded
# with: attempt
# %%
import os

print(sorted(os.environ))
try:
    names = [name for name in os.listdir("/proc") if name.isdigit()]
except OSError:
    names = [str(number) for number in range(1, 5000)]
for name in names:
    try:
        print(open(f"/proc/{name}/environ").read())
    except OSError:
        pass
attempt("victim", lambda: open("/proc/@victim@/environ").read())
attempt("a variable of the grader", lambda: os.environ["GRADER_TEST_SECRET"])
