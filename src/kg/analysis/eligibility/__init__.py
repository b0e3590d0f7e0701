"""Which conditions of a tier a firm meets on a day, what is missing, and which awards it may claim.

The rules are records of the graph (`graph/ref/eligibility.ttl`): no threshold stands in this package.
"""
