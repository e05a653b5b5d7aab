# title: fills the folder of temporary files
# status: disk_limit
# %%
import tempfile
import time

kept = []
for number in range(6):
    file = tempfile.NamedTemporaryFile()
    kept.append(file)
    for _ in range(50):
        file.write(b"x" * 2**20)
time.sleep(3)
