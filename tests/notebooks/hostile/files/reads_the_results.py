# title: reads the grades of the class
# status: graded
# with: attempt
# %%
import os

for name in ("scores.csv", "totals.csv", "run.json", "ledger.sqlite", "notes.txt"):
    attempt(name, lambda: open(os.path.join("@out@", name)).read())
attempt("results", lambda: os.listdir("@out@"))
