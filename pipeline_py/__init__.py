"""The `cin` command: it orders the stages, shows progress and words errors. Nothing else."""
