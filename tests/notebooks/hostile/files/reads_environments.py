# title: reads the environment of every process
# status: graded
# with: attempt
# %%
import os

print(sorted(os.environ))
for name in filter(str.isdigit, os.listdir("/proc") if os.access("/proc", os.R_OK) else []):
    try:
        print(open(f"/proc/{name}/environ").read())
    except OSError as error:
        print(name, "refused:", type(error).__name__)
attempt("victim", lambda: open("/proc/{victim}/environ").read())
attempt("a variable of the grader", lambda: os.environ["GRADER_TEST_SECRET"])
