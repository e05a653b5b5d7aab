# title: prints escape codes, bidi marks and NUL bytes
# status: graded
# shows: last
# score: 1
# %%
print("\x1b[2J\x1b[31mred\x1b]0;title\x07\u202eturned\u2066\x00\x9b31m\x7f\r\v\f")
print("last")
