# title: writes into the file in which the probe writes
# status: graded
# shows: forged
# score: 1
# %%
import os

lines = [b"[" * 100_000, b'{"event": "fit", "fit": ' + b"9" * 100_000 + b"}", b"\xff\xfe\x00", b'{"event": "raised", "line": 5}']
for path in ("../run/observed.jsonl", "../out/observed.jsonl"):
    if os.path.exists(path):
        with open(path, "ab") as file:
            file.write(b"\n".join(lines))
print("forged")
