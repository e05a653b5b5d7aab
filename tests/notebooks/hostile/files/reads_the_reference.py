# title: reads the reference notebook and its recording
# status: graded
# with: attempt
# %%
import os

attempt("reference", lambda: open("@reference@").read())
attempt("recording", lambda: open("@recording@").read())
attempt("recordings", lambda: os.listdir(os.path.dirname("@recording@")))
