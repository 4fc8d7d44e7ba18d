"""``python -m transpile_hybrid``."""

from .cli.main import main

if __name__ == "__main__":
    main()
