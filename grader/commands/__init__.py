"""What the commands do: one module a family, as in `commandline`. Each takes the options and gives an exit code.

A command imports what it needs when it runs, so that the others stay fast.
"""
