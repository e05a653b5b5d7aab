# title: a kernelspec that names another program
# status: graded
# shows: Python
# score: 1
# metadata: {"kernelspec": {"name": "../../../bin/sh", "display_name": "sh", "language": "python", "argv": ["sh", "-c", "exit 3"]}}
# %%
import sys

print("Python", sys.version_info[0])
