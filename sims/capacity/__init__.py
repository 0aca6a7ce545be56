"""How many partitions, consumers and workers a load needs, and what one death costs."""
