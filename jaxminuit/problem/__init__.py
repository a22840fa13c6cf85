"""What is minimised: parameters with limits and a mask, the FCN with its data, and the answers to a machine's requests."""
