#!/usr/bin/env bash
# Runs once, when Gradescope builds the autograder's image.
set -euo pipefail
cd "$(dirname "$0")"

apt-get update
apt-get install -y --no-install-recommends python3.11 python3.11-venv bubblewrap
python3.11 -m venv /autograder/venv
/autograder/venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt
# The grader itself comes with this zip.
realpath site > "$(/autograder/venv/bin/python -c 'import site; print(site.getsitepackages()[0])')/grader.pth"
