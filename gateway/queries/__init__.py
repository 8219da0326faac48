"""What the command line and the admin plane ask of the stores: one file a question, no click and no route."""
