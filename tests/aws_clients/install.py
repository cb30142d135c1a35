"""Makes the virtual environment of AWS's own clients: install.py FOLDER. Exit code 77 where pip cannot."""
import pathlib
import subprocess
import sys

PACKAGES = ["boto3==1.44.8", "awscli==1.46.3", "cfn-lint==1.58.0"]

folder = pathlib.Path(sys.argv[1])
stamp = folder / "installed"
if stamp.exists() and stamp.read_text() == str(PACKAGES):
    sys.exit(0)
try:
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *PACKAGES], check=True, capture_output=True,
                   timeout=300)
except (subprocess.SubprocessError, OSError) as error:
    print("AWS's clients cannot be installed here, so their tests are skipped:", error)
    sys.exit(77)
stamp.write_text(str(PACKAGES))
