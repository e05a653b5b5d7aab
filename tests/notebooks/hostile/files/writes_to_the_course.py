# title: writes to the course, the submissions and the results
# status: graded
# with: attempt
# %%
attempt("rubric", lambda: open("@rubric@", "r+b"))
attempt("reference", lambda: open("@reference@", "r+b"))
attempt("recording", lambda: open("@recording@", "r+b"))
attempt("neighbour", lambda: open("@submissions@/neighbour.ipynb", "r+b"))
attempt("scores", lambda: open("@out@/scores.csv", "r+b"))
attempt("a further submission", lambda: open("@submissions@/@marker@.txt", "x"))
attempt("a further result", lambda: open("@out@/@marker@.txt", "x"))
