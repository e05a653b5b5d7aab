# title: a small database in a file
# status: graded
# shows: (3,)
# score: 1
# %%
import sqlite3

with sqlite3.connect("small.db") as database:
    database.execute("create table numbers (n integer)")
    database.executemany("insert into numbers values (?)", [(1,), (2,)])
    print(database.execute("select sum(n) from numbers").fetchone())
