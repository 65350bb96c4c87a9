package catalogue

// health is what is known of the sources.
type health struct {
	// loaded: the table was listed once.
	loaded bool
	// listed are the kinds that the API server listed once.
	listed map[Kind]bool
	// watching are the kinds whose watch is up.
	failing map[Kind]string
	// overflow: there are more problems than the limit.
	overflow bool
}

func newHealth() health { return health{listed: map[Kind]bool{}, failing: map[Kind]string{}} }

// Health tells what the catalogue stands on.
type Health struct {
	// Table and Cluster are whether each was listed since the start.
	Table, Cluster bool
	// Watching is whether every watch is up now; Why says what is wrong.
	Watching bool
	Why      string
	// Overflow: there are more problems than are listed.
	Overflow bool
	Problems int
}

// Health is how things stand.
func (c *Catalogue) Health() Health {
	c.mu.RLock()
	defer c.mu.RUnlock()
	h := Health{
		Table: c.health.loaded, Cluster: len(c.health.listed) == len(kinds), Overflow: c.health.overflow,
		Problems: len(c.entries), Watching: len(c.health.failing) == 0,
	}
	for _, kind := range kinds {
		if why := c.health.failing[kind]; why != "" && h.Why == "" {
			h.Why = why
		}
	}
	return h
}
