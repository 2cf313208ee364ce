"""Generated hours of many kinds of sitters on load cells, weighed and compared with the truth.

``make hours`` weighs 10,000 hours; ``python -m hours --help`` lists the options.
"""
