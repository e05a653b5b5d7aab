# title: reads keys and settings in the home of whoever grades
# status: graded
# with: attempt
# %%
import os

for name in (".ssh/id_ed25519", ".bashrc", ".aws/credentials", ".netrc", ".jupyter/jupyter_config.json"):
    attempt(name, lambda: open(os.path.join("@home@", name)).read())
attempt("home", lambda: os.listdir("@home@"))
attempt("~root", lambda: os.listdir(os.path.expanduser("~root")))
