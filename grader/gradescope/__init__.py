"""What Gradescope runs in its container: `setup.sh` once, `run_autograder` for each submission."""
