# title: warns, logs, and writes to stderr
# status: graded
# shows: after
# score: 1
# %%
import logging
import sys
import warnings

warnings.warn("careful")
logging.basicConfig(level=logging.INFO)
logging.info("logged")
print("to stderr", file=sys.stderr)
print("after")
