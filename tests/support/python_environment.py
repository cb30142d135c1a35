"""Makes a virtual environment once: python_environment.py FOLDER REQUIREMENTS. Exit code 77 where pip cannot."""
import pathlib
import subprocess
import sys

folder, requirements = map(pathlib.Path, sys.argv[1:])
stamp = folder / "installed"
if stamp.exists() and stamp.read_text() == requirements.read_text():
    sys.exit(0)
try:
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "-r", str(requirements)], check=True,
                   capture_output=True, timeout=300)
except (subprocess.SubprocessError, OSError) as error:
    print(f"{requirements} cannot be installed here, so the tests that need it are skipped:", error)
    sys.exit(77)
stamp.write_text(requirements.read_text())
