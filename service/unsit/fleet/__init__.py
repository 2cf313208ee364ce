"""Fleet: the events of many chairs, from a broker into PostgreSQL, without a loss.

``messages`` reads what chairs publish, ``database`` stores it, and ``collector`` moves it from one
to the other and asks the chairs for what is missing. A running chair imports none of it.
"""
