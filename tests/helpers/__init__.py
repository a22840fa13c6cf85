"""Tools that several rooms' tests share: copies of the FCN, traces, finite differences."""
