"""Ways into other systems, each in a module of its own that needs that system: Arrow, datatrove, Spark, Ray, …

All go over Arrow arrays (:mod:`mojibake_fix.adapters.arrow`) where the system has them.  What is sent to workers is
small and pickles: the model is mapped from its file by each process that needs it, when it first does.
"""
