# title: raises an error whose name holds escape codes, new lines and a formula
# status: notebook_error
# score: 0
# %%
raise type("=HYPERLINK(1)\n\x1b[31mred\x1b]0;title\x07\u202eevil", (Exception,), {})("=1+1\r\n@SUM(1)\x1b[2J")
