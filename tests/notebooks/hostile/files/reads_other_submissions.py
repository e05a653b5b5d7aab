# title: reads what others handed in
# status: graded
# with: attempt
# %%
import glob
import os

attempt("submissions", lambda: os.listdir("@submissions@"))
attempt("neighbour", lambda: open("@submissions@/neighbour.ipynb").read())
attempt("any notebook", lambda: glob.glob("@submissions@/*")[0])
