# title: keeps something in its home
# status: graded
# shows: kept
# score: 1
# %%
import pathlib

folder = pathlib.Path.home() / ".keras" / "datasets"
folder.mkdir(parents=True)
(folder / "mine.txt").write_text("kept")
print((folder / "mine.txt").read_text())
