def pair(tides, wanted):
    where = {tide: i for i, tide in enumerate(tides, 1)}
    for i, tide in enumerate(tides, 1):
        j = where.get(wanted - tide, i)
        if j != i:
            return i, j
    return 0, 0
