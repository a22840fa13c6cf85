"""What is minimised: parameters with limits and a mask, the FCN with its data, the answers to requests."""
