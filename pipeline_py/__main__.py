"""`python -m pipeline_py` is `cin`."""

from pipeline_py.main import run

if __name__ == "__main__":
    run()
