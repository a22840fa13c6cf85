"""Minimisers as machines that ask for FCN values and are told them; none of them calls the FCN."""
