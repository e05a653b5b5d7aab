# title: replaces functions of the modules that its kernel lives on
# status: graded notebook_error kernel_died timeout output_limit
# %%
import json
import os
import sys
import time

json.dumps = json.loads = lambda *_, **__: "{}"
time.time = lambda: "yesterday"
os.write = lambda *_: 0
os.getpid = lambda: 1
sys.modules["json"] = None
# %%
print("after")
