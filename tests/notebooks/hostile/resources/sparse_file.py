# title: a file that says it holds a terabyte
# status: graded
# shows: refused
# with: attempt
# %%
attempt("a sparse terabyte", lambda: open("sparse", "wb").truncate(2**40))
