"""What was changed in the cloud beside the program: found by a refresh that changes nothing."""
