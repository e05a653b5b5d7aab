# title: leaves programs that ignore the end of their terminal
# status: graded
# shows: left
# score: 1
# %%
import subprocess

subprocess.Popen("nohup sh -c 'sleep 90; true @marker@' >/dev/null 2>&1 &", shell=True)
subprocess.Popen(["setsid", "sh", "-c", "sleep 90; true @marker@"])
print("left")
