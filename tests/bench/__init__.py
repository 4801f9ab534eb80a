"""The figures that README states, measured on this machine: `make bench`."""
