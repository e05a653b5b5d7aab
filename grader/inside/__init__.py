"""What runs inside the sandbox, beside student code: the harness, and the kernel that it starts.

These files are started by path with the students' interpreter, which need not have grader installed, so
they import nothing of it; they speak to the grader through one job file and one evidence file. Whatever
they say can be forged by the student's code, which shares their processes: it is evidence, not truth.
"""
