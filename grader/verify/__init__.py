"""A rubric that is tested: the reference with one mistake each must lose points, in another dress it must not.

`program` reads the reference notebook and changes its text by syntax. `layering`, `fitting`, `showing`, `figures`
make mistakes in it, of which `mutants` is the table; `renaming`, `arranging`, `spelling` and `modelling` dress it
otherwise, of which `cosmetic` is the table. `claims` tells which criteria claim to catch a mistake, `outcome` what
became of each, and `verification` has them all graded as a class.
"""
