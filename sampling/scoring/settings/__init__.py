"""What a service has laid down or frozen: its policy, people, draws, assignments and record snapshot."""
