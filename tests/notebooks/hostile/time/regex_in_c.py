# title: a regular expression that backtracks for ages inside C
# status: timeout
# %%
import re
import signal

signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.alarm(100)  # ends it where nothing else does
re.match(r"(a+)+$", "a" * 60 + "b")
