"""`make demo`: the whole store on one machine, with nothing to set up. Knows the site only as commands to start."""
