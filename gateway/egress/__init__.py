"""The only process with vendor keys, litellm and a way to the internet. It sends what a ticket allows, nothing else."""
