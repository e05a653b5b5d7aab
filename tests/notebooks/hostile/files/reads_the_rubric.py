# title: reads the rubric and its tolerances
# status: graded
# with: attempt
# %%
attempt("rubric", lambda: open("@rubric@").read())
