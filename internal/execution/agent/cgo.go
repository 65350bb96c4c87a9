package agent

import "C" // limited.c is the helper
