"""`python -m tunesmith`: the command line, where the command itself is not on the path."""

from tunesmith.cli import main

if __name__ == "__main__":
    main()
