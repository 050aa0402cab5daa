"""What gem5 is started with: ``boot.py [published script] -- gem5's command``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sandbox.gem5.agent import main

split = sys.argv.index("--")
main(sys.argv[split + 1 :], sys.argv[1] if split > 1 else None)
