"""The cranks: they join a machine with the FCN and turn it. The only loops over ask and tell."""
