# title: makes that file a hundred megabytes large, then removes it
# status: graded disk_limit notebook_error
# shows: grown
# %%
import os

print("grown", flush=True)
if os.path.exists("../run/observed.jsonl"):
    with open("../run/observed.jsonl", "ab") as file:
        for _ in range(50):
            file.write(b'{"event": "summary"}\n' * 50_000)
# %%
if os.path.exists("../run/observed.jsonl"):
    os.remove("../run/observed.jsonl")
    os.mkfifo("../run/observed.jsonl")
