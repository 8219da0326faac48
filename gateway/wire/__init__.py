"""What must be known of a wire protocol: the facts of a request, usage, finish, errors, framing. No I/O."""
