# title: plants what Python and IPython load when they start
# status: graded
# shows: planted
# score: 1
# %%
import os
import site
import sys

home = os.path.expanduser("~")
folder = f"{home}/.local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
startup = os.path.join(os.environ.get("IPYTHONDIR", f"{home}/.ipython"), "profile_default", "startup")
for place in (folder, startup, f"{home}/.jupyter", f"{home}/.config/matplotlib"):
    os.makedirs(place, exist_ok=True)
open(f"{folder}/planted.pth", "w").write("import sys; sys.stderr.write('REACHED by a .pth')\n")
open(f"{folder}/usercustomize.py", "w").write("raise SystemExit('REACHED by usercustomize')\n")
open(f"{startup}/00-planted.py", "w").write("print('REACHED by a startup file')\n")
open(f"{home}/.bashrc", "w").write("echo REACHED\n")
open(f"{home}/.jupyter/jupyter_config.py", "w").write("raise SystemExit('REACHED by a configuration')\n")
print("planted")
