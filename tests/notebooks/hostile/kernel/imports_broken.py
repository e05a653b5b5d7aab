# title: breaks the import of everything
# status: graded notebook_error kernel_died
# %%
import sys


class Nothing:
    def find_spec(self, *_):
        raise ImportError("no more")


sys.meta_path.insert(0, Nothing())
sys.path.clear()
# %%
print("after")
